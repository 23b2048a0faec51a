export type { AppRouter, ErrorCode, ErrorData, FieldError } from '@plinth/contract'
export type { AnswerCheck } from './checks.ts'
export { type ClientOptions, createClient, createClientOf, type ExtraHeaders } from './client.ts'
export {
  type CallError,
  type ErrorReason,
  fieldErrors,
  isCallError,
  isPlinthError,
  type PlinthError,
} from './errors.ts'
export type { Fetch } from './fetch.ts'
export { type Downloaded, type DownloadProcedure, download, type UploadProcedure, upload } from './files.ts'
export { type ListProcedure, pages, paginate } from './pages.ts'
export type { ReconnectOptions, RetryOptions } from './retries.ts'
export type { Tokens } from './session.ts'
export type { SigningKey } from './signing.ts'
export type { WebSocketClass } from './sockets.ts'
export type { CallContext, Progress } from './trace.ts'
export type { Client, ClientOf, Inputs, Outputs } from './types.ts'
