import { readFileSync } from 'node:fs'

const read = (): ReadonlySet<string> =>
  new Set(
    readFileSync(new URL('./disposable-domains.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  )

/** A domain and those that it lies in, such as `a.b.example`, `b.example` and `example`. */
const domainsOf = (email: string): string[] => {
  const labels = email.slice(email.lastIndexOf('@') + 1).split('.')
  return labels.map((_, index) => labels.slice(index).join('.'))
}

/** Tells the addresses of throw-away mail services, where they are to be refused; else it knows none. */
export const createDisposable = (refuse: boolean): ((email: string) => boolean) => {
  const known = refuse ? read() : new Set<string>()
  return (email) => domainsOf(email).some((domain) => known.has(domain))
}
