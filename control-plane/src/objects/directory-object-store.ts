/**
 * The object store of a small house: files below one folder, uploaded with signed addresses.
 *
 * Promise: what lies under a key is whole and durable, and an upload is exactly what its grant says, or nothing.
 * Invariants: a key becomes a path only after `isObjectKey`; every file is written in `.incoming/`, checked there, synced
 * and then renamed; the signing key never leaves this room. Several processes may have it open.
 * When it fails: temp files of a crash lie in `.incoming/` only and are swept when the store is opened; a full disk or a
 * missing folder is a `Failure` with what to do, and nothing that was there changes.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, constants, open, readFile, stat as statFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Clock,
  makeFolderDurably,
  openOwnFolder,
  removeDurably,
  replaceDurably,
  systemCode,
  writeDurably,
} from '@slowlight/protocol/kit';
import type { ByteRange, ObjectStore, StoredObject } from '../frame.ts';
import { compareObject } from './compare-object.ts';
import {
  assertContentType,
  assertObjectKey,
  contentTypeOfKey,
  fillFile,
  listKeys,
  objectNotFound,
  sha256OfFile,
  storeUnreachable,
} from './object-files.ts';
import { receiveUpload, type Upload, type UploadAnswer } from './receive-upload.ts';
import { createReceived } from './received.ts';
import { signUpload } from './signed-upload.ts';

export interface DirectoryStoreOptions {
  /** Where the objects lie; made if it is not there. */
  folder: string;
  /** The file of the key that grants are signed with; made with mode 0600 if it is not there. */
  signingKeyFile: string;
  /** The address at which agents reach `receiveUpload`, such as `http://192.168.1.10:8080`; asked at each grant. */
  publicUrl: () => string;
}

export interface DirectoryObjectStore extends ObjectStore {
  /** Answers a PUT to `/objects/<key>`; reads the body only when the grant is good. Never throws. */
  receiveUpload(upload: Upload): Promise<UploadAnswer>;
}

const SIGNING_KEY_BYTES = 32;
/** Of how many folders it is remembered that they are there. */
const MOST_FOLDERS = 1000;
/** No object key begins with a dot, so no object can lie here. */
const INCOMING = '.incoming';

/** @throws Failure `object.store-unreachable` | `object.store-full` when the folder cannot be made or written */
export async function openDirectoryObjectStore(
  { clock }: { clock: Clock },
  { folder, signingKeyFile, publicUrl }: DirectoryStoreOptions,
): Promise<DirectoryObjectStore> {
  const root = path.resolve(folder);
  let incoming = path.join(root, INCOMING);
  const signingKey = await translated(async () => {
    await makeFolderDurably(incoming);
    await access(incoming, constants.R_OK | constants.W_OK | constants.X_OK);
    // Workers beside this process write here too.
    incoming = await openOwnFolder(incoming, clock.now());
    return readSigningKey(signingKeyFile);
  });

  const fileOf = (key: string): string => {
    assertObjectKey(key);
    return path.join(root, ...key.split('/'));
  };

  const received = createReceived();
  /** Folders that are there as far as this process knows, so that not every upload asks for its own. */
  const folders = new Set<string>();

  async function withFolderOf<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
    const folder = path.dirname(file);
    return translated(async () => {
      if (!folders.has(folder)) await makeFolderDurably(folder);
      if (folders.size >= MOST_FOLDERS) folders.clear();
      folders.add(folder);
      try {
        return await work();
      } catch (cause) {
        // Perhaps somebody has removed it: it is made again the next time.
        if (systemCode(cause) === 'ENOENT') folders.delete(folder);
        throw cause;
      }
    });
  }

  async function stat(key: string): Promise<StoredObject | null> {
    const file = fileOf(key);
    return translated(async () => {
      try {
        const found = await statFile(file, { bigint: true });
        return found.isFile()
          ? {
              sizeBytes: Number(found.size),
              contentType: contentTypeOfKey(key),
              sha256: received.sha256Of(key, found),
              modifiedAt: Number(found.mtimeMs),
            }
          : null;
      } catch (cause) {
        if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return null;
        throw cause;
      }
    });
  }

  return {
    stat,
    async grant(terms) {
      assertContentType(terms.key, terms.contentType);
      return {
        method: 'PUT',
        url: `${publicUrl().replace(/\/$/, '')}${signUpload(terms, signingKey)}`,
        headers: { 'content-type': terms.contentType, 'content-length': String(terms.sizeBytes) },
        expiresAt: terms.expiresAt,
      };
    },
    async check(key, expected) {
      const check = await compareObject(await stat(key), expected, () => translated(() => sha256OfFile(fileOf(key))));
      // It was asked for, once: whoever asks again gets it from the file.
      received.forget(key);
      return check;
    },
    async read(key, range?: ByteRange) {
      const file = fileOf(key);
      return translated(async () => {
        const opened = await open(file, 'r').catch((cause: unknown) => {
          if (systemCode(cause) === 'ENOENT') throw objectNotFound(key, cause);
          throw cause;
        });
        return createReadStream(file, { fd: opened, ...(range && { start: range.first, end: range.last }) });
      });
    },
    async write(key, body, contentType) {
      const file = fileOf(key);
      assertContentType(key, contentType);
      received.forget(key);
      await withFolderOf(file, async () => {
        const source = body instanceof Uint8Array ? [body] : createReadStream(body.path);
        await replaceDurably(
          file,
          0o600,
          (target) => fillFile(target, source as AsyncIterable<Uint8Array>, Infinity),
          incoming,
        );
      });
    },
    remove(key) {
      received.forget(key);
      return translated(() => removeDurably(fileOf(key)));
    },
    list: (prefix) => listKeys(root, prefix),
    ping: () => translated(() => access(incoming, constants.R_OK | constants.W_OK | constants.X_OK)),
    receiveUpload: (upload) =>
      receiveUpload(upload, { clock, signingKey, incoming, fileOf, stat, received, withFolderOf }),
  };
}

/** As a key of `node:crypto`, which signs six times as fast as with its bytes. */
async function readSigningKey(file: string): Promise<KeyObject> {
  const stored = await readFile(file).catch((cause: unknown) => {
    if (systemCode(cause) === 'ENOENT') return null;
    throw cause;
  });
  if (stored?.length === SIGNING_KEY_BYTES) return createSecretKey(stored);
  const made = randomBytes(SIGNING_KEY_BYTES);
  await makeFolderDurably(path.dirname(path.resolve(file)));
  await writeDurably(file, made, 0o600);
  return createSecretKey(made);
}

async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw storeUnreachable(cause);
  }
}
