import { z } from 'zod'

/** The part of a JSON Schema that arbitraries are made from. */
export interface JsonSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}

/** A node of a schema with what references in it point to. */
export interface Node {
  readonly schema: JsonSchema
  readonly root: JsonSchema
}

/** What a procedure takes, as JSON Schema: zod's own public description of a schema. */
export const inputNode = (input: z.ZodType): Node => {
  const schema: JsonSchema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as object
  return { schema, root: schema }
}

/** The node that a reference stands for, and every other node itself. */
export const resolve = ({ schema, root }: Node): Node => {
  if (schema.$ref === undefined) return { schema, root }
  const found = schema.$ref === '#' ? root : root.$defs?.[schema.$ref.split('/').at(-1) ?? '']
  if (!found) throw new Error(`The schema has nothing at ${schema.$ref}`)
  return resolve({ schema: found, root })
}

/** The ways that a value of a node can be. */
export const optionsOf = ({ schema, root }: Node): readonly Node[] | null => {
  const options = schema.anyOf ?? schema.oneOf
  return options ? options.map((option) => resolve({ schema: option, root })) : null
}

/** A way to a place within an input. */
export type Path = readonly (string | number)[]

/** The ways to all values within an input that hold no others, however deep. */
export const leavesOf = (given: Node, path: Path = []): readonly Path[] => {
  const node = resolve(given)
  const { schema, root } = node
  const options = optionsOf(node)
  if (options) return options.flatMap((option) => leavesOf(option, path))
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length > 0)
    return fields.flatMap(([key, field]) => leavesOf({ schema: field, root }, [...path, key]))
  if (schema.items) return leavesOf({ schema: schema.items, root }, [...path, 0])
  return path.length > 0 ? [path] : []
}
