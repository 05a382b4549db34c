/**
 * The settings of the control plane: the only place that reads the environment. Everything is read and checked once, at
 * the start; every problem is told at once, by the name of its variable.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { Failure, systemCode } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { alarmVariables } from './config-alarms.ts';
import { arrangeBrokerRights, type BrokerRightsConfig, brokerRightsVariables } from './config-broker-rights.ts';
import { homeVariables } from './config-home.ts';
import { arrangeRoles, makingVariables, type Roles, type VideoEncoder } from './config-making.ts';
import { arrangePeople, type PeopleConfig, peopleVariables } from './config-people.ts';
import { arrangeReach, type Reach, reachVariables, type TlsConfig } from './config-reach.ts';
import { flag, httpUrl, mqttUrl, port, text, url, whole } from './config-values.ts';

const PREFIX = 'SLOWLIGHT_';
/** The agent's settings may stand in the same file or environment. */
const OTHER_PROGRAMS = 'SLOWLIGHT_AGENT_';
const DEFAULT_FILE = 'slowlight.env';

/** Every variable, as text. What is not given has its default here, or null. */
export const variables = z.object({
  SLOWLIGHT_DATA_DIR: text.default('./data/control-plane'),
  SLOWLIGHT_HTTP_HOST: text.default('127.0.0.1'),
  SLOWLIGHT_HTTP_PORT: port.default(8080),
  SLOWLIGHT_PUBLIC_URL: httpUrl.nullable().default(null),
  SLOWLIGHT_TRUSTED_PROXIES: text
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine(
      (proxies) => proxies.every((one) => /^[0-9a-f.:]+(\/\d{1,3})?$/i.test(one)),
      'must be addresses or networks with commas between, such as 10.0.0.0/8,127.0.0.1',
    )
    .default([]),
  SLOWLIGHT_BROKER: z.enum(['embedded', 'external'], 'must be embedded or external').default('embedded'),
  SLOWLIGHT_BROKER_HOST: text.default('127.0.0.1'),
  SLOWLIGHT_BROKER_PORT: port.default(1883),
  SLOWLIGHT_BROKER_URL: mqttUrl.nullable().default(null),
  SLOWLIGHT_BROKER_USERNAME: text.nullable().default(null),
  SLOWLIGHT_BROKER_PASSWORD: text.nullable().default(null),
  SLOWLIGHT_BROKER_PUBLIC_URL: mqttUrl.nullable().default(null),
  SLOWLIGHT_RECORDS: z.enum(['sqlite', 'postgres'], 'must be sqlite or postgres').default('sqlite'),
  SLOWLIGHT_SQLITE_FILE: text.nullable().default(null),
  SLOWLIGHT_POSTGRES_URL: url(['postgres', 'postgresql'], 'postgres://user:password@localhost/slowlight')
    .nullable()
    .default(null),
  SLOWLIGHT_OBJECTS: z.enum(['directory', 's3'], 'must be directory or s3').default('directory'),
  SLOWLIGHT_OBJECTS_DIR: text.nullable().default(null),
  SLOWLIGHT_S3_ENDPOINT: url(['http', 'https'], 'https://s3.example.org').nullable().default(null),
  SLOWLIGHT_S3_REGION: text.default('us-east-1'),
  SLOWLIGHT_S3_BUCKET: text.nullable().default(null),
  SLOWLIGHT_S3_ACCESS_KEY: text.nullable().default(null),
  SLOWLIGHT_S3_SECRET_KEY: text.nullable().default(null),
  SLOWLIGHT_S3_PATH_STYLE: flag.default(true),
  SLOWLIGHT_MIN_INTERVAL_MS: whole(1000, 604_800_000, 'milliseconds').default(5000),
  ...makingVariables,
  SLOWLIGHT_WEATHER: z
    .union(
      [z.enum(['open-meteo', 'off']), httpUrl],
      'must be open-meteo, off, or the address of a server that answers as Open-Meteo does',
    )
    .default('open-meteo'),
  ...homeVariables,
  ...alarmVariables,
  SLOWLIGHT_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  SLOWLIGHT_METRICS_OPEN: flag.default(false),
  SLOWLIGHT_ADMIN_PASSWORD: text.min(10, 'must have at least 10 characters').nullable().default(null),
  SLOWLIGHT_LOCAL_AGENT_IDENTITY: text.nullable().default(null),
  ...reachVariables,
  ...peopleVariables,
  ...brokerRightsVariables,
});
type Variables = z.infer<typeof variables>;

export interface Config {
  dataDir: string;
  http: Reach & { publicUrl: string | null; trustedProxies: readonly string[] };
  broker:
    | (Reach & { kind: 'embedded'; publicUrl: string | null })
    | {
        kind: 'external';
        url: string;
        username: string | null;
        password: string | null;
        publicUrl: string;
        /** The path of its authorities' certificates; null: the usual ones. */
        caFile: string | null;
      };
  brokerRights: BrokerRightsConfig;
  tls: TlsConfig;
  /** After so many days an agent gets another credential by itself; 0: only when somebody asks. */
  credentialDays: number;
  records: { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };
  objects:
    | { kind: 'directory'; folder: string }
    | {
        kind: 's3';
        endpoint: string | null;
        region: string;
        bucket: string;
        accessKey: string;
        secretKey: string;
        pathStyle: boolean;
      };
  /** The shortest interval that a timelapse may ask for, ms. */
  minIntervalMs: number;
  /** Videos that are encoded at once. */
  encoders: number;
  /** What encodes them. */
  videoEncoder: VideoEncoder;
  roles: Roles;
  /** Who is asked for the weather: Open-Meteo, nobody (`off`), or a server of its kind at this address. */
  weather: string;
  /** Whether this process speaks with the brokers of users' houses. */
  homeAutomation: boolean;
  /** Whether this process raises alarms and tells them. */
  alarms: boolean;
  people: PeopleConfig;
  logLevel: Variables['SLOWLIGHT_LOG_LEVEL'];
  metricsOpen: boolean;
  /** For the first user; null: one is generated and printed once. */
  adminPassword: string | null;
  /** Where the identity of the agent on this machine is written at the first start; null: there is none. */
  localAgentIdentity: string | null;
}

/**
 * Reads the environment and the file that it names; the environment wins. Frozen.
 * @throws Failure `config.invalid` with every problem, `config.unreadable`
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, folder = process.cwd()): Config {
  const fromFile = readFile(environment.SLOWLIGHT_CONFIG, folder);
  const given = Object.fromEntries(
    Object.entries({ ...fromFile, ...environment })
      .filter(([name, value]) => name.startsWith(PREFIX) && !name.startsWith(OTHER_PROGRAMS) && (value ?? '') !== '')
      .filter(([name]) => name !== 'SLOWLIGHT_CONFIG'),
  );
  const problems = Object.keys(given)
    .filter((name) => !(name in variables.shape))
    .map((name) => `${name} is not a setting of the control plane${likeName(name)}`);
  const read = variables.safeParse(given);
  if (!read.success) problems.push(...read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  const checked = read.success ? arrange(read.data, folder) : { config: null, problems: [] };
  problems.push(...checked.problems);
  if (problems.length > 0 || checked.config === null) throw invalid(problems);
  return freeze(checked.config);
}

/** Pure: puts the variables together, and names those that are missing for what was chosen. */
function arrange(read: Variables, folder: string): { config: Config; problems: string[] } {
  const problems: string[] = [];
  const needed = (name: keyof Variables, value: string | null, because: string): string => {
    if (value === null) problems.push(`${name} is needed, because ${because}`);
    return value ?? '';
  };
  const dataDir = path.resolve(folder, read.SLOWLIGHT_DATA_DIR);
  const inData = (given: string | null, name: string) =>
    given === null ? path.join(dataDir, name) : path.resolve(folder, given);
  const noSlash = (address: string | null) => address?.replace(/\/+$/, '') ?? null;

  const reach = arrangeReach(read, folder);
  const rights = arrangeBrokerRights(read, folder);
  const { people, problems: ofPeople } = arrangePeople(read);
  problems.push(...reach.problems, ...rights.problems, ...ofPeople);
  const config: Config = {
    dataDir,
    http: {
      ...reach.web,
      publicUrl: noSlash(read.SLOWLIGHT_PUBLIC_URL),
      trustedProxies: read.SLOWLIGHT_TRUSTED_PROXIES,
    },
    broker: arrangeBroker(read, { needed, noSlash, listen: reach.broker, folder }),
    brokerRights: rights.brokerRights,
    tls: reach.tls,
    credentialDays: read.SLOWLIGHT_CREDENTIAL_DAYS,
    records:
      read.SLOWLIGHT_RECORDS === 'sqlite'
        ? { kind: 'sqlite', path: inData(read.SLOWLIGHT_SQLITE_FILE, 'records.sqlite') }
        : {
            kind: 'postgres',
            url: needed('SLOWLIGHT_POSTGRES_URL', read.SLOWLIGHT_POSTGRES_URL, 'SLOWLIGHT_RECORDS is postgres'),
          },
    objects: arrangeObjects(read, needed, inData(read.SLOWLIGHT_OBJECTS_DIR, 'objects')),
    minIntervalMs: read.SLOWLIGHT_MIN_INTERVAL_MS,
    encoders: read.SLOWLIGHT_ENCODERS,
    videoEncoder: read.SLOWLIGHT_VIDEO_ENCODER,
    people,
    roles: arrangeRoles(read, problems),
    weather: read.SLOWLIGHT_WEATHER,
    homeAutomation: read.SLOWLIGHT_HOME_AUTOMATION === 'on',
    alarms: read.SLOWLIGHT_ALARMS === 'on',
    logLevel: read.SLOWLIGHT_LOG_LEVEL,
    metricsOpen: read.SLOWLIGHT_METRICS_OPEN,
    adminPassword: read.SLOWLIGHT_ADMIN_PASSWORD,
    localAgentIdentity:
      read.SLOWLIGHT_LOCAL_AGENT_IDENTITY === null ? null : path.resolve(folder, read.SLOWLIGHT_LOCAL_AGENT_IDENTITY),
  };
  return { config, problems };
}

type Needed = (name: keyof Variables, value: string | null, because: string) => string;

function arrangeBroker(
  read: Variables,
  {
    needed,
    noSlash,
    listen,
    folder,
  }: { needed: Needed; noSlash: (url: string | null) => string | null; listen: Reach; folder: string },
) {
  const publicUrl = noSlash(read.SLOWLIGHT_BROKER_PUBLIC_URL);
  if (read.SLOWLIGHT_BROKER === 'embedded') return { kind: 'embedded', ...listen, publicUrl } as const;
  const url = needed('SLOWLIGHT_BROKER_URL', noSlash(read.SLOWLIGHT_BROKER_URL), 'SLOWLIGHT_BROKER is external');
  const { SLOWLIGHT_BROKER_USERNAME: username, SLOWLIGHT_BROKER_PASSWORD: password } = read;
  const ca = read.SLOWLIGHT_BROKER_CA_FILE;
  const caFile = ca === null ? null : path.resolve(folder, ca);
  return { kind: 'external', url, username, password, publicUrl: publicUrl ?? url, caFile } as const;
}

function arrangeObjects(read: Variables, needed: Needed, folder: string): Config['objects'] {
  if (read.SLOWLIGHT_OBJECTS === 'directory') return { kind: 'directory', folder };
  const because = 'SLOWLIGHT_OBJECTS is s3';
  return {
    kind: 's3',
    endpoint: read.SLOWLIGHT_S3_ENDPOINT,
    region: read.SLOWLIGHT_S3_REGION,
    bucket: needed('SLOWLIGHT_S3_BUCKET', read.SLOWLIGHT_S3_BUCKET, because),
    accessKey: needed('SLOWLIGHT_S3_ACCESS_KEY', read.SLOWLIGHT_S3_ACCESS_KEY, because),
    secretKey: needed('SLOWLIGHT_S3_SECRET_KEY', read.SLOWLIGHT_S3_SECRET_KEY, because),
    pathStyle: read.SLOWLIGHT_S3_PATH_STYLE,
  };
}

function readFile(named: string | undefined, folder: string): Record<string, string | undefined> {
  const asked = named !== undefined && named !== '';
  const file = path.resolve(folder, asked ? named : DEFAULT_FILE);
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (!asked && systemCode(cause) === 'ENOENT') return {};
    throw new Failure({
      code: 'config.unreadable',
      message: `The settings file ${asked ? named : DEFAULT_FILE} cannot be read (${systemCode(cause) ?? 'damaged'}).`,
      hint: asked
        ? 'Set SLOWLIGHT_CONFIG to a file that this user can read, or leave it out.'
        : 'Give this user the right to read it, or remove it.',
      retry: 'never',
      cause,
    });
  }
}

/** A known name that shares most of its parts with an unknown one, as a suggestion. */
function likeName(unknown: string): string {
  const parts = new Set(unknown.split('_'));
  const shared = (name: string) => name.split('_').filter((part) => parts.has(part)).length;
  const best = Object.keys(variables.shape).toSorted((a, b) => shared(b) - shared(a))[0];
  return best !== undefined && shared(best) > 1 ? ` (is ${best} meant?)` : '';
}

function invalid(problems: readonly string[]): Failure {
  return new Failure({
    code: 'config.invalid',
    message: `${problems.length === 1 ? 'One setting is' : `${problems.length} settings are`} not right:\n${problems.map((one) => `  - ${one}`).join('\n')}`,
    hint: 'Correct the named variables in the environment or in the settings file; env.example describes each.',
    retry: 'never',
  });
}

function freeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) freeze(part);
  return Object.freeze(value);
}
