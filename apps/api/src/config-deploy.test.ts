import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ConfigError, readConfig, settingsOf } from './config.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const variables = new Set(['PLINTH_CONFIG', ...[...settingsOf()].map(({ variable }) => variable)])
const SECRET = 's'.repeat(40)

// What is built is not there before the build.
const sourceOf = (path: string): string => path.replace(/^apps\/api\/dist\/(\w+)\.mjs$/, 'apps/api/src/$1.ts')

/** Words of a command that are files of ours, and those of them that are not there. */
const missingScripts = (words: readonly string[]): string[] =>
  words.filter((word) => /^(apps|deploy|packages)\//.test(word) && !existsSync(root + sourceOf(word)))

describe('each environment has its own configuration', () => {
  const files = readdirSync(`${root}deploy/config`).sort()

  test('for development, test, staging and production', () => {
    expect(files).toEqual(['development.yaml', 'production.yaml', 'staging.yaml', 'test.yaml'])
  })

  test.each(files)('%s is accepted as a whole', (file) => {
    const settings = readConfig({ PLINTH_CONFIG: `${root}deploy/config/${file}`, PLINTH_SECRET: SECRET })
    const safe = file === 'production.yaml' || file === 'staging.yaml'
    expect(settings.env).toBe(safe ? 'production' : file.replace('.yaml', ''))
    expect(settings.background.on).toBe(!safe)
  })

  test.each(['production.yaml', 'staging.yaml'])('%s holds no secret and asks for one', (file) => {
    expect(() => readConfig({ PLINTH_CONFIG: `${root}deploy/config/${file}` })).toThrow(ConfigError)
    expect(read(`deploy/config/${file}`)).not.toMatch(/^\s*(secret|metricsToken|url):/m)
  })
})

test('the example of the environment names settings, and those of the services beside', () => {
  const names = read('deploy/plinth.env.example')
    .split('\n')
    .flatMap((line) => /^(?:# )?([A-Z_]+)=/.exec(line)?.[1] ?? [])
  expect(names).toContain('PLINTH_SECRET')
  expect(names.filter((name) => !variables.has(name))).toEqual(['POSTGRES_PASSWORD', 'RABBITMQ_DEFAULT_PASS'])
})

describe('the image', () => {
  const lines = read('deploy/Dockerfile').replaceAll('\\\n', ' ').split('\n')
  const instructions = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim())

  test('is built in stages from files that are there, and keeps tests and secrets out', () => {
    expect(instructions('FROM')).toHaveLength(4)
    const copied = instructions('COPY')
      .filter((words) => !words.startsWith('--from'))
      .flatMap((words) => words.split(/\s+/).slice(0, -1))
    expect(copied.filter((path) => !existsSync(root + path))).toEqual([])
    // Without it the frozen installation is refused.
    if (read('pnpm-lock.yaml').includes('pnpmfileChecksum')) expect(copied).toContain('.pnpmfile.cjs')
    const ignored = read('.dockerignore').split('\n')
    for (const path of ['**/node_modules', '**/*.env', '.git']) expect(ignored).toContain(path)
  })

  test('runs the server on the Node of the repository, not as root, with settings that there are', () => {
    const { catalog } = parse(read('pnpm-workspace.yaml')) as { catalog: Record<string, string> }
    for (const base of instructions('FROM').filter((from) => !from.startsWith('sources ')))
      expect(base).toContain(`node:${catalog.node?.split('.')[0]}-`)
    expect(instructions('USER')).toEqual(['node'])
    const command = JSON.parse(instructions('CMD')[0] ?? '') as string[]
    expect(command).toContain('apps/api/dist/main.mjs')
    expect(missingScripts(command)).toEqual([])
    const names = instructions('ENV').flatMap((words) =>
      words.split(' ').map((pair) => pair.split('=')[0] ?? ''),
    )
    expect(names.filter((name) => !variables.has(name))).toEqual([])
    expect(instructions('EXPOSE')).toEqual([String(readConfig({}).port)])
  })

  test('is asked for its health on a path that is served', () => {
    expect(instructions('HEALTHCHECK')[0]).toContain('/health`')
    expect(read('apps/api/src/routes/operations.ts')).toContain("app.get('/health'")
  })
})

interface Service {
  readonly command?: string[]
  readonly environment?: Record<string, string | number>
  readonly depends_on?: Record<string, unknown>
  readonly ports?: string[]
  readonly volumes?: string[]
  readonly env_file?: string
  readonly read_only?: boolean
  readonly cap_drop?: string[]
}

describe('the compose file', () => {
  const { services, volumes } = parse(read('deploy/compose.yaml'), { merge: true }) as {
    services: Record<string, Service>
    volumes: Record<string, unknown>
  }
  const ours = Object.entries(services).filter(([, { command }]) => command?.[0] === 'node')

  test('runs migrations, the API, the worker and backups beside Postgres, Redis and RabbitMQ', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['api', 'backup', 'migrate', 'worker'])
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['postgres', 'redis', 'rabbitmq']))
  })

  test.each(ours)('%s names scripts, settings, services and volumes that there are', (_, service) => {
    expect(missingScripts(service.command ?? [])).toEqual([])
    const { PLINTH_CONFIG, ...environment } = service.environment ?? {}
    expect(existsSync(root + String(PLINTH_CONFIG))).toBe(true)
    expect(Object.keys(environment).filter((name) => !variables.has(name))).toEqual([])
    expect(Object.keys(service.depends_on ?? {}).filter((name) => !(name in services))).toEqual([])
    const named = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')
    expect(named.filter((name) => !(name in volumes))).toEqual([])
    expect(service).toMatchObject({ env_file: 'plinth.env', read_only: true, cap_drop: ['ALL'] })
  })

  test.each(['prometheus', 'grafana'])('gives %s files that are there', (name) => {
    const files = (services[name]?.volumes ?? []).filter((volume) => volume.startsWith('./'))
    expect(files.length).toBeGreaterThan(1)
    expect(files.filter((file) => !existsSync(`${root}deploy/${file.split(':')[0]}`))).toEqual([])
    expect(files.every((file) => file.endsWith(':ro'))).toBe(true)
  })

  test('publishes the ports of the API and of the dashboard to the machine itself alone, and asks the worker for its health where it answers', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port]),
    )
    expect(published).toEqual([
      // Its settings trust a proxy: who reached it past that one would choose its own address.
      ['api', `127.0.0.1:${readConfig({}).port}:3000`],
      ['grafana', '127.0.0.1:3030:3000'],
    ])
    const { PORT, PLINTH_BACKGROUND_PORT } = services.worker?.environment ?? {}
    expect(PORT).toBe(PLINTH_BACKGROUND_PORT)
  })
})

describe.each(['plinth.service', 'plinth-worker.service'])('the unit %s', (file) => {
  const entries = read(`deploy/${file}`)
    .split('\n')
    .flatMap((line) => {
      const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? []
      return key === '' ? [] : [[key, value] as const]
    })
  const all = (key: string) => entries.filter(([name]) => name === key).map(([, value]) => value)

  test('starts what is there, reloads by the signal that the server obeys, and is not root', () => {
    expect(missingScripts((all('ExecStart')[0] ?? '').split(' '))).toEqual([])
    expect(all('ExecReload')[0]).toContain('-HUP $MAINPID')
    expect(all('User')).toEqual(['plinth'])
    const [name = '', value = ''] = (all('Environment')[0] ?? '').split('=')
    expect(variables).toContain(name)
    expect(existsSync(root + value)).toBe(true)
  })

  test('may write nowhere but in its own state, and gains no rights', () => {
    for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'RestrictSUIDSGID'])
      expect([key, all(key)]).toEqual([key, ['true']])
    expect(all('ProtectSystem')).toEqual(['strict'])
    expect(all('CapabilityBoundingSet')).toEqual([''])
    // Would keep V8 from compiling.
    expect(all('MemoryDenyWriteExecute')).toEqual([])
  })
})
