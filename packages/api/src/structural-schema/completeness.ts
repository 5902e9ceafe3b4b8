// What allOf, anyOf, oneOf and not speak of must be specified outside of them: only there has it a type.
import { type FieldError, type FieldPath, fieldRequired } from '@keelson/apimachinery'
import { type JsonSchema, itemsOf, propertyOf } from './json-schema.ts'

/** Both are made when there is something to say. */
type Path = () => FieldPath

export function checkCompleteness(errors: FieldError[], schema: JsonSchema, path: FieldPath): void {
  checkJunctors(
    errors,
    schema,
    schema,
    () => path,
    () => path,
  )
}

/** `rules` is what the junctors stand in, `schema` the structure that they speak of. */
function checkJunctors(
  errors: FieldError[],
  rules: JsonSchema,
  schema: JsonSchema,
  schemaPath: Path,
  rulesPath: Path,
): void {
  const { not, allOf = [], anyOf = [], oneOf = [] } = rules
  if (not !== undefined) checkNested(errors, not, schema, schemaPath, () => rulesPath().child('not'))
  for (const [name, list] of Object.entries({ allOf, anyOf, oneOf })) {
    for (const [index, nested] of list.entries())
      checkNested(errors, nested, schema, schemaPath, () => rulesPath().child(name).index(index))
  }
}

function checkNested(
  errors: FieldError[],
  rules: JsonSchema,
  schema: JsonSchema | undefined,
  schemaPath: Path,
  rulesPath: Path,
): void {
  if (schema === undefined) {
    errors.push(fieldRequired(schemaPath(), `because it is defined in ${String(rulesPath())}`))
    return
  }
  checkJunctors(errors, rules, schema, schemaPath, rulesPath)
  const items = itemsOf(rules)
  if (items !== undefined)
    checkNested(
      errors,
      items,
      itemsOf(schema),
      () => schemaPath().child('items'),
      () => rulesPath().child('items'),
    )
  for (const [name, nested] of Object.entries(rules.properties ?? {})) {
    const step =
      (path: Path): Path =>
      () =>
        path().child('properties').key(name)
    checkNested(errors, nested, propertyOf(schema, name), step(schemaPath), step(rulesPath))
  }
}
