/**
 * Values with bytes in them as JSON, and back: `{ "/": { "bytes": "<base64>" } }`, which is what DAG-JSON
 * (IPLD) writes. The one place where the local API knows that JSON has no bytes.
 */

interface BytesForm {
  readonly '/': { readonly bytes: string };
}

export function toJson(value: unknown): string {
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key, replaced) {
    // `Buffer` has a `toJSON` of its own, so the member is read before it ran.
    const original = this[key];
    return original instanceof Uint8Array ? bytesForm(original) : replaced;
  });
}

/** Throws `SyntaxError` on anything that is not JSON. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, value) => (isBytesForm(value) ? bytesOf(value) : value));
}

function bytesForm(bytes: Uint8Array): BytesForm {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { '/': { bytes: view.toString('base64').replace(/=+$/, '') } };
}

function bytesOf(form: BytesForm): Uint8Array {
  return new Uint8Array(Buffer.from(form['/'].bytes, 'base64'));
}

function isBytesForm(value: unknown): value is BytesForm {
  if (typeof value !== 'object' || value === null) return false;
  const inner = (value as Record<string, unknown>)['/'];
  if (typeof inner !== 'object' || inner === null || Object.keys(value).length !== 1) return false;
  return typeof (inner as Record<string, unknown>)['bytes'] === 'string' && Object.keys(inner).length === 1;
}
