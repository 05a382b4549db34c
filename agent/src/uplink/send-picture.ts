/** One picture on its way from the card to the line: read in large pieces, given on in small ones, and what is answered. */
import { type FileHandle, open } from 'node:fs/promises';
import type http from 'node:http';
import { systemCode } from '@slowlight/protocol/kit';

/** How much of an answer is read to find out why an upload was refused. */
const ANSWER_BYTES = 2048;
/** How much is read from the card at a time: each read is a trip to another thread and back. */
export const READ_BYTES = 256 * 1024;
/** How much is given to the line at a time: small enough that a slow one is seen moving. */
const WRITE_BYTES = 64 * 1024;

export interface Answer {
  status: number;
  retryAfter: string | undefined;
  date: string | undefined;
  text: string;
}
export interface Progress {
  sentBytes: number;
  /** When something last moved, monotonic ms; null: all is sent, and the store may take its time to answer. */
  movedAt: number | null;
  /** The connection had been used before. */
  reused: boolean;
}

/** The card failed, not the network. */
export class PictureError extends Error {}

/** @throws PictureError when it is not there, or not as long as it was */
export async function openPicture({ path, sizeBytes }: { path: string; sizeBytes: number }): Promise<FileHandle> {
  const file = await open(path, 'r').catch(unreadable);
  try {
    const { size } = await file.stat().catch(unreadable);
    if (size !== sizeBytes) throw new PictureError(`it has ${size} bytes instead of ${sizeBytes}`);
    return file;
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

function unreadable(cause: unknown): never {
  const code = systemCode(cause) ?? 'unknown';
  // Too many open files, or memory: the card is not to blame.
  if (['EMFILE', 'ENFILE', 'ENOMEM'].includes(code)) throw cause;
  throw new PictureError(`the file cannot be read (${code})`);
}

/** Settles when nothing reads from the file any more. */
export async function send(
  request: http.ClientRequest,
  picture: { file: FileHandle; buffer: Buffer; sizeBytes: number },
  moved: () => void,
  progress: Progress,
): Promise<Answer> {
  const over = new AbortController();
  const answer = new Promise<Answer>((resolve, reject) => {
    request.once('error', (cause) => {
      progress.reused = request.reusedSocket;
      reject(cause);
    });
    request.once('response', (response) => {
      const said: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        if (length < ANSWER_BYTES) said.push(chunk);
        length += chunk.length;
      });
      response.once('error', reject);
      response.once('end', () => {
        // An answer before the end of the body means that the store does not want the rest.
        if (progress.movedAt !== null) request.destroy();
        const text = Buffer.concat(said).toString('utf8').slice(0, ANSWER_BYTES);
        const { date, 'retry-after': retryAfter } = response.headers;
        resolve({ status: response.statusCode ?? 0, retryAfter, date, text });
      });
    });
  }).finally(() => over.abort());
  const body = pour(request, picture, { moved, progress, over: over.signal });
  const failed = body.then(
    () => new Promise<never>(() => {}),
    (cause: unknown) => {
      request.destroy();
      throw cause;
    },
  );
  try {
    return await Promise.race([answer, failed]);
  } finally {
    over.abort();
    answer.catch(() => {});
    await body.catch(() => {});
  }
}

/** Reads the picture and gives it to the line, piece by piece, until it is sent or over. @throws PictureError */
async function pour(
  request: http.ClientRequest,
  { file, buffer, sizeBytes }: { file: FileHandle; buffer: Buffer; sizeBytes: number },
  { moved, progress, over }: { moved: () => void; progress: Progress; over: AbortSignal },
): Promise<void> {
  for (let at = 0; at < sizeBytes; ) {
    const length = await readPiece(file, buffer, { at, most: sizeBytes - at });
    for (let from = 0; from < length && !over.aborted; from += WRITE_BYTES) {
      const piece = buffer.subarray(from, Math.min(from + WRITE_BYTES, length));
      progress.sentBytes += piece.length;
      moved();
      await written(request, piece, over);
      moved();
    }
    if (over.aborted) return;
    at += length;
  }
  progress.movedAt = null;
  request.end();
}

/** Resolves when the system has it, or when nobody waits for it any more. */
function written(request: http.ClientRequest, piece: Uint8Array, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      over.removeEventListener('abort', end);
      resolve();
    };
    over.addEventListener('abort', end, { once: true });
    request.write(piece, end);
  });
}

async function readPiece(
  file: FileHandle,
  buffer: Buffer,
  { at, most }: { at: number; most: number },
): Promise<number> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, most), at).catch(unreadable);
  if (bytesRead === 0) throw new PictureError(`it ends after ${at} bytes`);
  return bytesRead;
}
