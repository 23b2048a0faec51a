import { lazily } from '@plinth/kit'

// What it does takes time that grows faster than the length, and nobody else is answered meanwhile: with these bounds
// some 20 ms in the worst case. A password whose beginning is hard to guess is hard to guess.
const JUDGED_CHARACTERS = 40
const L33T_SUBSTITUTIONS = 10

// Its dictionaries take a quarter of a second and some 60 MB, which a process that sets no passwords need not have.
const load = lazily(async () => {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  return new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    l33tMaxSubstitutions: L33T_SUBSTITUTIONS,
  })
})

/** How hard a password is to guess for who knows these words, from 0 to 4, by zxcvbn. */
export const scoreOf = async (password: string, words: readonly string[]): Promise<number> => {
  const zxcvbn = await load()
  return zxcvbn.check(password.slice(0, JUDGED_CHARACTERS), [...words]).score
}
