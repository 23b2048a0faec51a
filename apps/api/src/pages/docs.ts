import { type ContractRecord, commonErrors, type ErrorSpec, errorKinds, walk } from '@plinth/contract'
import { html } from 'hono/html'
import { page } from './page.ts'

/** The content policy of the reference, whose script builds its styles and workers itself. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

// Everything that would call elsewhere, or is for its vendor's own services, is off.
const OPTIONS = JSON.stringify({
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
})

/** The browsable reference over /openapi.json; its script is served by us. */
export const docsPage = () => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>API reference · Plinth</title>
      <link rel="icon" href="data:," />
    </head>
    <body>
      <script id="api-reference" data-url="/openapi.json" data-configuration="${OPTIONS}"></script>
      <script src="/docs/scalar.js"></script>
    </body>
  </html>`

/** Every error code with the procedures that declare it; common ones belong to all. */
export const errorCodes = (contract: ContractRecord) => {
  const codes = new Map<string, { spec: ErrorSpec; procedures: string[] }>()
  for (const [code, spec] of Object.entries(commonErrors)) codes.set(code, { spec, procedures: [] })
  for (const [name, procedure] of walk(contract))
    for (const [code, spec] of Object.entries(procedure.errors)) {
      const known = codes.get(code) ?? { spec, procedures: [] }
      known.procedures.push(name)
      codes.set(code, known)
    }
  return codes
}

/** The page that the `type` of every problem leads to. */
export const errorsPage = (contract: ContractRecord) =>
  page(
    'Error codes',
    html`${[...errorCodes(contract)].map(
      ([code, { spec, procedures }]) => html`<h2 id="${code}"><code>${code}</code></h2>
        <p>${errorKinds[spec.kind].status} ${errorKinds[spec.kind].title}. ${spec.message}</p>
        <p>${procedures.length === 0 ? 'Any procedure may answer it.' : procedures.join(', ')}</p>`,
    )}`,
  )
