import {
  type CommonErrorCode,
  commonErrors,
  type ErrorData,
  type ErrorSpec,
  errorKinds,
  type FieldError,
  type Problem,
} from '@plinth/contract'

interface FailureOptions {
  /** Fields that were not accepted. */
  readonly errors?: readonly FieldError[]
  /** Keeps what the handler wrote before it failed, such as the end of a stolen login. */
  readonly commit?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** A refusal that the caller is told of, with its code. Anything else that is thrown becomes INTERNAL. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly spec: ErrorSpec
  readonly errors: readonly FieldError[] | undefined
  readonly commit: boolean
  readonly headers: Readonly<Record<string, string>>

  constructor(code: string, spec: ErrorSpec, options: FailureOptions = {}) {
    super(spec.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.spec = spec
    this.errors = options.errors
    this.commit = options.commit ?? false
    this.headers = options.headers ?? {}
  }

  get status(): number {
    return errorKinds[this.spec.kind].status
  }
}

/** A failure with one of the codes that every procedure may answer. */
export const common = (code: CommonErrorCode, options?: FailureOptions): Failure =>
  new Failure(code, commonErrors[code], options)

/** Ends a handler with a declared error; `commit` keeps what was written before, `headers` go with the answer. */
export type Fail<Code extends string> = (
  code: Code | CommonErrorCode,
  options?: Pick<FailureOptions, 'errors' | 'commit' | 'headers'>,
) => never

/** The `fail` of one procedure: it knows the codes that the procedure declares. */
export const failWith = (declared: Readonly<Record<string, ErrorSpec>>): Fail<string> => {
  const specs: Readonly<Record<string, ErrorSpec>> = { ...commonErrors, ...declared }
  return (code, options) => {
    const spec = specs[code]
    if (!spec) throw new Error(`The error ${code} is not declared on the contract`)
    throw new Failure(code, spec, options)
  }
}

/** A failure as problem JSON (RFC 9457), the error shape of REST. */
export const toProblem = (failure: Failure, requestId: string): Problem => ({
  type: `/docs/errors#${failure.code}`,
  title: errorKinds[failure.spec.kind].title,
  status: failure.status,
  detail: failure.spec.message,
  code: failure.code,
  requestId,
  ...(failure.errors && { errors: failure.errors }),
})

// JSON-RPC numbers as tRPC assigns them (https://trpc.io/docs/rpc): its clients tell errors apart by them.
const JSON_RPC: Readonly<Record<number, number>> = {
  400: -32600,
  401: -32001,
  403: -32003,
  404: -32004,
  405: -32005,
  409: -32009,
  413: -32013,
  415: -32015,
  422: -32022,
  429: -32029,
  500: -32603,
  503: -32603,
}

/** A failure in the error shape of tRPC. */
export const toTrpcError = (failure: Failure, requestId: string, path: string | undefined) => ({
  message: failure.spec.message,
  code: JSON_RPC[failure.status] ?? -32600,
  data: {
    code: failure.code,
    httpStatus: failure.status,
    requestId,
    ...(path !== undefined && { path }),
    ...(failure.errors && { errors: failure.errors }),
  } satisfies ErrorData,
})
