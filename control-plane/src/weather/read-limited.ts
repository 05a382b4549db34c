/** The body of an answer as text; null as soon as it is longer than `mostBytes`. */
export async function readLimited(answer: Response, mostBytes: number): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  if (answer.body === null) return '';
  // Leaving the loop early cancels the rest.
  for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > mostBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
