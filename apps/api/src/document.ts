import { events, version } from '@plinth/contract'
import type { Service } from '@plinth/kit'
import { once } from './once.ts'

/** The OpenAPI document of a service, made when it is first asked for and kept. */
export const createDocument = (service: Service): (() => Promise<string>) =>
  once(async () => {
    // Loaded late: the generator costs more to load than everything else at start.
    const { openApiDocument } = await import('@plinth/kit/openapi')
    return JSON.stringify(openApiDocument(service, version, events))
  })
