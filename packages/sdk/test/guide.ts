import { readFile } from 'node:fs/promises'

const pages = ['use-the-sdk', 'webhooks', 'api-keys'].map(
  (name) => new URL(`../../../docs/guides/${name}.md`, import.meta.url),
)

/** What a reader of the guide has at hand, by name. */
const AT_HAND: Readonly<Record<string, string>> = {
  client: "import('@plinth/sdk').Client",
  shop: "import('@plinth/sdk').ClientOf<import('./contract.js').ShopRouter>['shop']",
  url: 'string',
  secret: 'string',
  keyId: 'string',
  oldSecret: 'string',
  load: "() => import('@plinth/sdk').Tokens | null",
  save: "(tokens: import('@plinth/sdk').Tokens | null) => void",
}

const declarations = (code: string): string =>
  Object.entries(AT_HAND)
    .filter(([name]) => !new RegExp(`\\bconst (?:${name}\\b|\\{ ${name} \\})`).test(code))
    .map(([name, type]) => `declare const ${name}: ${type}\n`)
    .join('')

/** The TypeScript samples of the guides, each as a module of its own, by the name of its file. */
export const guideSamples = async (): Promise<Map<string, string>> => {
  const text = (await Promise.all(pages.map((page) => readFile(page, 'utf8')))).join('\n')
  const samples = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code)
  return new Map(
    samples.map((code, index) => {
      const name = /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1]
      return name
        ? ([name, code] as const)
        : ([`guide-${index + 1}.ts`, `${declarations(code)}${code}\nexport {}\n`] as const)
    }),
  )
}
