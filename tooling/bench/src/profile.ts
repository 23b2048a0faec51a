import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CpuProfile, lastSeconds, type SelfTime, topFunctions, topParts } from './cpu-profile.ts'
import { startLoad } from './load.ts'
import type { Options } from './options.ts'
import { prepareDatabase } from './prepare.ts'
import { findCores } from './processes.ts'
import { startPlinth } from './servers.ts'
import { signIn, someSlugs, someUsers } from './session.ts'
import { workloads } from './works/index.ts'

const WARM_UP_SECONDS = 3
const TOP = 40

const table = (title: string, times: readonly SelfTime[], answers: number): string => {
  const lines = times.map(({ name, ms, share }) => {
    const us = ((1000 * ms) / answers).toFixed(1)
    return `${(100 * share).toFixed(1).padStart(6)} % ${us.padStart(7)} us  ${name}`
  })
  return `${title}\n${lines.join('\n')}\n`
}

const runUnderProfile = async (options: Options, folder: string): Promise<number> => {
  const [name = 'sqlite'] = options.databases
  const [wire = 'rest'] = options.wires
  const [work = 'list'] = options.works
  const cores = findCores()
  const nodeArgs = ['--cpu-prof', '--cpu-prof-interval=250', `--cpu-prof-dir=${folder}`]
  const { connections, cached, seconds } = options
  await using database = await prepareDatabase(name)
  await using plinth = await startPlinth({ databaseUrl: database.url, core: cores?.server, cached, nodeArgs })
  await using load = startLoad(cores?.load)
  const given = {
    slugs: await someSlugs(plinth.url),
    users: await someUsers(plinth.url, 1),
    manager: await signIn(plinth.url, database.manager),
  }
  const { asked } = workloads[work].plinth(wire, given)
  await load.run({ url: plinth.url, asked, seconds: WARM_UP_SECONDS, connections })
  const { answers } = await load.run({ url: plinth.url, asked, seconds, connections })
  process.stdout.write(
    `${name}, ${wire}, ${work}: ${answers} answers under the profiler, own time per answer\n\n`,
  )
  return answers
}

/** Runs one work against Plinth under Node's profiler and prints where the time went. */
export const printProfile = async (options: Options): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-profile-'))
  try {
    const answers = await runUnderProfile(options, folder)
    const [file] = await readdir(folder)
    if (file === undefined) throw new Error('the server wrote no profile')
    const whole = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile
    const profile = lastSeconds(whole, options.seconds)
    process.stdout.write(`${table('By part', topParts(profile, TOP), answers)}\n`)
    process.stdout.write(table('By function', topFunctions(profile, TOP), answers))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
