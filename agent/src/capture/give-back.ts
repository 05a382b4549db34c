/**
 * Gives a buffer's memory back to the system at once, where the garbage would be collected seconds and many megabytes later.
 * Only for what nobody looks at any more: an empty buffer is left behind. A buffer that is a part of a larger one is left alone.
 */
export function giveBack({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
