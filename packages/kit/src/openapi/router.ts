import { type Procedure, type Route, routesOf } from '@plinth/contract'
import { type AnyTRPCRouter, initTRPC, type TRPCRouterRecord } from '@trpc/server'
import type { OpenApiMeta } from 'trpc-to-openapi'
import { z } from 'zod'
import type { Service } from '../service.ts'

/** One operation of the document: a procedure at one of its routes. */
export interface Operation {
  readonly id: string
  readonly name: string
  readonly procedure: Procedure
  readonly route: Route
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const t = initTRPC.meta<OpenApiMeta>().create()

/** Every operation: the canonical route by the procedure's name, further ones numbered. */
export const operationsOf = (service: Service): readonly Operation[] =>
  [...service.procedures.values()].flatMap(({ name, procedure }) =>
    routesOf(name, procedure).map((route, index) => ({
      id: index === 0 ? name : `${name}.alias${index}`,
      name,
      procedure,
      route,
    })),
  )

/** A schema without what is around it: optional, nullable, default. */
export const core = (schema: z.ZodType): z.ZodType => {
  const { def } = schema
  return 'innerType' in def && def.innerType instanceof z.ZodType ? core(def.innerType) : schema
}

/** The input that the generator is shown: it takes no objects in a query, so text stands in for filters until they are completed. */
const shown = (procedure: Procedure, route: Route): z.ZodType => {
  const input = core(procedure.input)
  if (!(input instanceof z.ZodObject) || (route.method !== 'GET' && route.method !== 'DELETE'))
    return procedure.input
  const fields = Object.entries<z.ZodType>(input.shape)
  const shape = fields.map(([key, field]) => [
    key,
    core(field) instanceof z.ZodObject ? z.string().optional() : field,
  ])
  return z.strictObject(Object.fromEntries(shape))
}

/** A tRPC router that is only there to be read by the generator: one procedure for each operation. */
export const documentRouter = (operations: readonly Operation[]): AnyTRPCRouter => {
  const record: TRPCRouterRecord = {}
  for (const { id, procedure, route } of operations) {
    const [, system = '', module = ''] = /^(\w+)\.(\w+)/.exec(id) ?? []
    const openapi: OpenApiMeta['openapi'] = {
      method: route.method as Method,
      path: route.path as `/${string}`,
      operationId: id,
      summary: procedure.summary,
      tags: [`${system}.${module}`],
      protect: false,
      errorResponses: [],
      ...(procedure.deprecated !== undefined && { deprecated: true, description: procedure.deprecated }),
    }
    const base = t.procedure.meta({ openapi }).input(shown(procedure, route)).output(procedure.output)
    const never = (): never => {
      throw new Error('This router is only for the document')
    }
    record[id.replaceAll('.', '_')] = route.method === 'GET' ? base.query(never) : base.mutation(never)
  }
  return t.router(record)
}
