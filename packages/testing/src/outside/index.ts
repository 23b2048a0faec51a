export { type Ceremony, type TestAuthenticator, testAuthenticator } from './authenticator.ts'
export type { Cbor } from './cbor.ts'
export { certificate } from './certificate.ts'
export { type CollectedSpan, type TestCollector, testCollector } from './collector.ts'
export { testNameServer } from './dns.ts'
export { headerText, type Message, readMessage } from './letter.ts'
export type { Person } from './oauth-grants.ts'
export {
  type CallbackParameters,
  type ProviderDialect,
  type TestOAuthProvider,
  testOAuthProvider,
} from './oauth-provider.ts'
export { TEST_AMQP_URL, type TestExchange, testExchange } from './rabbitmq.ts'
export {
  type Received,
  type ReceiverAnswer,
  type TestReceiver,
  testReceiver,
  withStatus,
} from './receiver.ts'
export { type S3Object, type TestS3, testS3 } from './s3.ts'
export { type S3Credentials, type SignedRequest, signatureFault } from './s3-signature.ts'
export { type TestSmsGateway, testSmsGateway } from './sms-gateway.ts'
export { type ReceivedMail, type TestSmtp, testSmtp } from './smtp.ts'
export { totpCode } from './totp.ts'
