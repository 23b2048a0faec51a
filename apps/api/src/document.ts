import { events, version } from '@plinth/contract'
import { lazily, type Service } from '@plinth/kit'

/** The OpenAPI document of a service, made when it is first asked for and kept. */
export const createDocument = (service: Service): (() => Promise<string>) =>
  lazily(async () => {
    // Loaded late: the generator costs more to load than everything else at start.
    const { openApiDocument } = await import('@plinth/kit/openapi')
    return JSON.stringify(openApiDocument(service, version, events))
  })
