export { createFakeClock, type FakeClock } from './clock.ts'
export {
  CLI,
  type Ended,
  type Launched,
  launchScript,
  launchServer,
  MAIN,
  runScript,
  type ServerProcess,
  startServerProcess,
} from './processes.ts'
export {
  type Client,
  type RestAnswer,
  type Role,
  type TestActor,
  type TestApp,
  type TestServer,
  testApp,
  testServer,
} from './test-app.ts'
