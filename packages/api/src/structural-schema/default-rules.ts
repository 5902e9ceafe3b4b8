// Rules in expressions where a default meets them: one that cannot be compiled refuses the default.
import { type FieldError, type FieldPath, type JsonValue, fieldInvalid, isJsonObject } from '@keelson/apimachinery'
import { type JsonSchema, itemsOf, otherMembersOf, propertyOf } from './json-schema.ts'
import { RuleCompiler, selfType } from './rules.ts'

/** `isResource`: the value is a resource, whatever its schema says. Rules are compiled, not evaluated. */
export function ruleErrors(schema: JsonSchema, value: JsonValue, path: FieldPath, isResource: boolean): FieldError[] {
  const errors: FieldError[] = []
  checkRules(errors, schema, value, path, isResource)
  return errors
}

function checkRules(
  errors: FieldError[],
  schema: JsonSchema,
  value: JsonValue,
  path: FieldPath,
  isResource = schema['x-kubernetes-embedded-resource'] === true,
): void {
  if (value === null) return
  checkOwnRules(errors, schema, path, isResource)
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items === undefined) return
    for (const [index, item] of value.entries()) checkRules(errors, items, item, path.index(index))
  } else if (isJsonObject(value)) {
    const others = otherMembersOf(schema)
    for (const [name, member] of Object.entries(value)) {
      const property = propertyOf(schema, name)
      if (others !== undefined) checkRules(errors, others, member, path.key(name))
      // What expressions can see nothing of is left out, unless it is what the default itself is for.
      if (property !== undefined && selfType(property, false) !== undefined)
        checkRules(errors, property, member, path.child(name))
    }
  }
}

function checkOwnRules(errors: FieldError[], schema: JsonSchema, path: FieldPath, isResource: boolean): void {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, schema.type ?? '', detail))
  const self = selfType(schema, isResource)
  if (self === undefined)
    return refuse('rule compiler initialization error: failed to convert to declType for CEL validation rules')
  const compiler = new RuleCompiler(self)
  for (const rule of rules) {
    if (rule.rule?.trim() === '') continue
    const { problem } = compiler.compile(rule)
    if (problem !== undefined) refuse(`rule compile error: ${problem}`)
  }
}
