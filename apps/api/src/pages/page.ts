import { html, raw } from 'hono/html'

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #8884; padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; }
  pre { background: #8881; border-radius: .5rem; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  code { font-size: .95em; }
  button { font: inherit; padding: .5rem 1rem; }
  h2 { scroll-margin-top: 1rem; }
`

/** The content policy of our pages: what stands in them and what we serve, nothing from elsewhere. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

type Html = ReturnType<typeof html>

/** A page of ours: a title and its content, escaped where it holds what others wrote. */
export const page = (title: string, content: Html): Html => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>${title} · Plinth</title>
      <link rel="icon" href="data:," />
      <style>
        ${raw(STYLE)}
      </style>
    </head>
    <body>
      <h1>${title}</h1>
      ${content}
    </body>
  </html>`
