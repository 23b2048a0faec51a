import type { Procedure, RestRoute } from './procedure.ts'
import { shapeOf } from './schema.ts'

/** A REST route taken apart. */
export interface Route {
  readonly method: string
  readonly path: string
  /** The names in braces, in order. */
  readonly params: readonly string[]
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const parse = (route: RestRoute): Route => {
  const [method = '', path = ''] = route.split(' ')
  return { method, path, params: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '') }
}

/** The names of the fields that a procedure's input may have at its top. */
export const fieldsOf = (procedure: Procedure): readonly string[] => Object.keys(shapeOf(procedure.input))

const CRUD: Readonly<Record<string, (path: string) => RestRoute>> = {
  list: (path) => `GET ${path}` as RestRoute,
  get: (path) => `GET ${path}/{id}` as RestRoute,
  create: (path) => `POST ${path}` as RestRoute,
  update: (path) => `PUT ${path}/{id}` as RestRoute,
  delete: (path) => `DELETE ${path}/{id}` as RestRoute,
}

/** The route that follows from a name: `orders.cancel` becomes `POST /orders/{id}/cancel`. The system is not part of it. */
const derived = (name: string, procedure: Procedure): RestRoute => {
  const [, ...rest] = name.split('.')
  const verb = rest.pop() ?? name
  const path = `/${rest.map(kebab).join('/')}`
  const crud = CRUD[verb]
  if (crud) return crud(path)
  const method = procedure.kind === 'query' || procedure.kind === 'download' ? 'GET' : 'POST'
  const item = fieldsOf(procedure).includes('id') ? '/{id}' : ''
  return `${method} ${path}${item}/${kebab(verb)}` as RestRoute
}

/** The routes of a procedure, canonical first; none for a subscription, which REST does not carry. */
export const routesOf = (name: string, procedure: Procedure): readonly Route[] => {
  if (procedure.kind === 'subscription') return []
  const rest = procedure.rest ?? derived(name, procedure)
  return (typeof rest === 'string' ? [rest] : rest).map(parse)
}

const CREATING = new Set(['create', 'register'])

/** The status of a good answer over REST: 201 where something new is made, else 200. */
export const successStatus = (name: string): 200 | 201 =>
  CREATING.has(name.split('.').at(-1) ?? '') ? 201 : 200
