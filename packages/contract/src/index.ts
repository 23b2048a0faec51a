export type { Access, Own, Permission, Portal, PortalName } from './access.ts'
export { own, permissions, portal } from './access.ts'
export { ContractError, checkContract, isProcedure, walk } from './check.ts'
export { Category } from './commerce/categories.ts'
export { Product } from './commerce/products.ts'
export { Tag } from './commerce/tags.ts'
export type { AppRouter, Contract, ErrorCode } from './contract.ts'
export { contract, version } from './contract.ts'
export { Account } from './core/accounts.ts'
export { ApiKey } from './core/api-keys.ts'
export { AuditEntry } from './core/audit-entries.ts'
export { Device } from './core/devices.ts'
export { Identity, ProviderName } from './core/identities.ts'
export type { Passkey } from './core/passkeys.ts'
export { PortalProfile } from './core/portals.ts'
export { RoleEntry } from './core/roles.ts'
export type { SecondFactor } from './core/second-factor.ts'
export { Login, SignedIn } from './core/sessions.ts'
export { User } from './core/users.ts'
export type { Assertion, Attestation, RequestOptions } from './core/web-authn.ts'
export { WebhookDelivery } from './core/webhook-deliveries.ts'
export { Webhook } from './core/webhooks.ts'
export type {
  CommonErrorCode,
  ErrorData,
  ErrorKind,
  ErrorShape,
  ErrorSpec,
  Errors,
  FieldError,
  Problem,
} from './errors.ts'
export {
  commonErrors,
  conflict,
  errorKinds,
  forbidden,
  gone,
  invalid,
  limited,
  notFound,
  unauthenticated,
} from './errors.ts'
export type { EventName, PublicEvent, WebhookEvent } from './events.ts'
export { events, isEventName, webhookBody } from './events.ts'
export type { CacheRule, ContractRecord, Example, Kind, Limit, Procedure, RestRoute } from './procedure.ts'
export { download, mutation, query, SignedUrl, subscription, upload } from './procedure.ts'
export type { Form, RecordOf, Resumable, RouterOf } from './router.ts'
export type { Route } from './routes.ts'
export { fieldsOf, routesOf, successStatus } from './routes.ts'
export { innermost, shapeOf } from './schema.ts'
export { scopeOf, scopesOf } from './scopes.ts'
export { Address, AddressRange } from './words/addresses.ts'
export { containing, oneOf, range } from './words/filters.ts'
export { Email, Locale, nothing, Phone, PostalCode, Slug, TimeZone, WebUrl } from './words/formats.ts'
export type { IdPrefix } from './words/ids.ts'
export { id, idPrefixes } from './words/ids.ts'
export { Day, Moment } from './words/moments.ts'
export { Currency, MinorUnits, Money } from './words/money.ts'
export { include, MAX_PAGE, page, pageInput, sort } from './words/page.ts'
export { line, prose } from './words/text.ts'
