export { type DemoAccount, demoAccounts } from './accounts.ts'
export { type DemoOptions, type DemoReport, isEmpty, loadDemo } from './load.ts'
export { DemoDataError } from './read-csv.ts'
