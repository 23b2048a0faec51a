import manifest from '../package.json' with { type: 'json' }
import { commerce } from './commerce/index.ts'
import { core } from './core/index.ts'
import type { CommonErrorCode } from './errors.ts'
import type { Procedure } from './procedure.ts'
import type { RouterOf } from './router.ts'

/** Everything that Plinth can be asked. */
export const contract: { readonly core: typeof core; readonly commerce: typeof commerce } = { core, commerce }

/** The type of {@link contract}. */
export type Contract = typeof contract

/** The tRPC router type of {@link contract}, for `createTRPCClient<AppRouter>`. */
export type AppRouter = RouterOf<Contract>

type CodesOf<C> = C extends Procedure
  ? keyof C['errors'] & string
  : { [K in keyof C]: CodesOf<C[K]> }[keyof C]

/** Every error code that any procedure may answer. */
export type ErrorCode = CommonErrorCode | CodesOf<Contract>

/** The version of this contract, as the package and the OpenAPI document say it. */
export const version: string = manifest.version
