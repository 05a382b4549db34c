/** What is done with the embedded data from a command line. Part of THE PAGE: introduces the backup room to the records. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Clock, Failure, toFailure } from '@slowlight/protocol/kit';
import { backUp, type EmbeddedData } from './backup/backup.ts';
import { restore } from './backup/restore.ts';
import { type Config, readConfig } from './config.ts';
import { copySqliteRecords, holdSqliteRecords, readSqliteCopy } from './records/copy-sqlite-records.ts';

export interface CommandWorld {
  clock: Clock;
  environment: Readonly<Record<string, string | undefined>>;
  write: (text: string) => void;
}

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

const HELP = `slowlight                             starts the control plane
slowlight backup FOLDER               copies the embedded data into a folder, while the control plane runs or not;
                                      into the same folder again, it copies only what has changed
slowlight restore FOLDER [--replace]  puts a backup in the place of the data; the control plane must not run.
                                      What is there already is moved aside with --replace, and never deleted
slowlight help                        shows this

The data folder is SLOWLIGHT_DATA_DIR, from the environment or slowlight.env in the current folder.
A backup holds secrets (password hashes, the key that signs uploads): keep it as safe as the data itself.
Records in PostgreSQL and objects in S3 have backups of their own kind; only what is embedded is copied here.
`;

/** Gives the exit code. */
export async function runCommand(
  { command, given }: { command: string; given: readonly string[] },
  world: CommandWorld,
): Promise<number> {
  const { write } = world;
  if (['help', '--help'].includes(command)) {
    write(HELP);
    return 0;
  }
  const [folder, ...flags] = given;
  const known = command === 'backup' ? [] : ['--replace'];
  const isRight =
    ['backup', 'restore'].includes(command) &&
    folder !== undefined &&
    !folder.startsWith('-') &&
    flags.every((flag) => known.includes(flag));
  if (!isRight) {
    write(`This is not a command: slowlight ${[command, ...given].join(' ')}\n\n${HELP}`);
    return EXIT_USAGE;
  }
  try {
    const config = readConfig(world.environment);
    if (command === 'backup') await runBackup(config, path.resolve(folder), world);
    else await runRestore(config, { folder: path.resolve(folder), replace: flags.includes('--replace') }, world);
    return 0;
  } catch (thrown) {
    const { message, hint } = toFailure(thrown);
    write(`${message}\n${hint}\n`);
    return 1;
  }
}

async function runBackup(config: Config, folder: string, { clock, write }: CommandWorld): Promise<void> {
  const begin = clock.monotonicMs();
  const deps = { clock, version: readVersion(), copyRecords: copySqliteRecords, readCopy: readSqliteCopy };
  const { frames, objects } = await backUp(deps, embedded(config), folder);
  const seconds = ((clock.monotonicMs() - begin) / 1000).toFixed(1);
  const files =
    objects === null
      ? 'The objects lie in S3 and are not part of it.'
      : `${objects.files} objects (${megabytes(objects.bytes)}), ${objects.copied} of them copied now.`;
  write(`The backup is in ${folder}: ${frames} frames recorded. ${files} It took ${seconds} s.\n`);
}

async function runRestore(
  config: Config,
  asked: { folder: string; replace: boolean },
  { clock, write }: CommandWorld,
): Promise<void> {
  const holdRecords = (file: string) => holdSqliteRecords(file, path.basename(file));
  const deps = { clock, readCopy: readSqliteCopy, holdRecords };
  const { backup, missing, replaced } = await restore(deps, { ...asked, data: embedded(config) });
  write(`The backup of ${new Date(backup.at).toISOString()} is in place: ${backup.frames} frames recorded.\n`);
  if (replaced !== null) write(`What was there before lies in ${replaced}; delete it when you no longer need it.\n`);
  if (missing.length > 0)
    write(`Some pictures are not in it, because they were removed while it was made:\n${missing.join('\n')}\n`);
}

/** @throws Failure `backup.not-embedded` */
function embedded({ records, objects, dataDir }: Config): EmbeddedData {
  if (records.kind !== 'sqlite')
    throw new Failure({
      code: 'backup.not-embedded',
      message: 'The records are in PostgreSQL, which has backups of its own kind.',
      hint: 'Use pg_dump and pg_restore, or what your PostgreSQL offers.',
      retry: 'never',
    });
  return {
    recordsFile: records.path,
    objectsFolder: objects.kind === 'directory' ? objects.folder : null,
    keyFiles: ['upload-signing.key', 'secrets.key', 'certificates/authority.pem'].map((name) =>
      path.join(dataDir, name),
    ),
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function readVersion(): string {
  const read: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : '0';
}
