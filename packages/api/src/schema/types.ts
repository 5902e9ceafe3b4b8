// What a kind's schema offers to those who read and write objects.
import {
  type FieldError,
  type FieldType,
  type GroupVersionKind,
  type JsonValue,
  type KubeObject,
  type PatchSchema,
  StatusError,
} from '@keelson/apimachinery'

export interface ObjectDecodeOptions {
  /** Collect unknown fields (fieldValidation Warn and Strict). Otherwise they are dropped silently. */
  readonly reportUnknown?: boolean
  /** Errors in the words of upstream's converter of trees (after a strategic merge) instead of its JSON decoder's. */
  readonly fromTree?: boolean
  /** The value came from YAML, whose raw JSON (of a ControllerRevision) upstream keeps in the order of its keys. */
  readonly fromYaml?: boolean
}

export interface DecodedObject {
  /**
   * The object as upstream would encode it again, before defaults: unknown fields gone, nulls and empty values of optional
   * fields gone, required fields filled (`""`, `0`, `{}`, and null for a list), quantities and times in canonical text,
   * fields in upstream's order. A copy: it shares only raw JSON (schemas, extensions) with the input, which stays as it is.
   */
  readonly object: KubeObject
  /** Texts as upstream prints them, in document order: `unknown field "spec.foo"`. At most 100. */
  readonly unknown: readonly string[]
}

export interface KindSchema {
  readonly kind: GroupVersionKind
  /** ObjectDecodeError (a StatusError 400) on a value of a wrong type. apiVersion and kind are filled when absent, not compared. */
  decode(value: JsonValue, options?: ObjectDecodeOptions): DecodedObject
  /** Required fields and enums that hold for the kind whatever its strategy says. Empty when all is well. */
  validate(object: KubeObject): FieldError[]
  patchSchema(): PatchSchema
  /** How objects of the kind are merged field by field. */
  fieldType(): FieldType
}

/** A body that does not fit the kind's Go type. */
export class ObjectDecodeError extends StatusError {
  /** The decoder's own words (`json: cannot unmarshal …`), for those who wrap them otherwise (patches). */
  readonly detail: string

  constructor({ version, kind }: GroupVersionKind, detail: string) {
    super(400, 'BadRequest', `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${detail}`)
    this.name = 'ObjectDecodeError'
    this.detail = detail
  }
}
