// Addresses that no endpoint (and no external address of a service) may have.
import { type FieldError, type FieldPath, fieldInvalid } from '@keelson/apimachinery'
import { parseAddress } from './ip-address.ts'

export function checkEndpointAddress(errors: FieldError[], text: string, path: FieldPath): void {
  const address = parseAddress(text)
  if (address === undefined) return void errors.push(fieldInvalid(path, text, 'must be a valid IP address'))
  const { bytes, family } = address
  const [first = 0, second = 0] = bytes
  const refuse = (detail: string): void => void errors.push(fieldInvalid(path, text, detail))
  const zeroHead = bytes.slice(0, -1).every((byte) => byte === 0)
  if (zeroHead && bytes.at(-1) === 0) refuse(`may not be unspecified (${text})`)
  if (family === 4 ? first === 127 : zeroHead && bytes.at(-1) === 1)
    refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (family === 4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80) {
    refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  }
  if (family === 4 ? first === 224 && second === 0 && bytes[2] === 0 : first === 0xff && (second & 0x0f) === 0x02) {
    refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  }
}
