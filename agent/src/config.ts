/** The only file that reads the environment. Parsed once at the start; every problem is told at once, by its variable. */
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Failure, messageOf } from '@slowlight/protocol/kit';
import { z } from 'zod';
import { isNetwork, PRIVATE_NETWORKS } from './capture/networks.ts';

const PREFIX = 'SLOWLIGHT_AGENT_';
const CONFIG_FILE = 'SLOWLIGHT_AGENT_CONFIG';

const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? null : text))
  .default(null);
const wholeNumber = (min: number, max: number, preset: number) =>
  z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(preset);
const yesOrNo = (preset: boolean) =>
  z
    .enum(['yes', 'no', 'true', 'false', '1', '0'], 'must be yes or no')
    .transform((text) => ['yes', 'true', '1'].includes(text))
    .default(preset);

/** Every variable that the agent knows; `env.example` explains each. */
export const environment = z.object({
  [CONFIG_FILE]: optionalText,
  SLOWLIGHT_AGENT_DATA: z.string().trim().min(1, 'must name a directory').default('./data/agent'),
  SLOWLIGHT_AGENT_IDENTITY: optionalText,
  SLOWLIGHT_AGENT_BROKER_URL: z
    .string()
    .trim()
    .refine((text) => {
      const url = URL.parse(text);
      return text === '' || (url !== null && ['mqtt:', 'mqtts:'].includes(url.protocol) && url.hostname !== '');
    }, 'must be an address such as mqtts://cloud.example.org:8883')
    .refine((text) => {
      const url = URL.parse(text);
      return url === null || (url.username === '' && url.password === '');
    }, 'must not hold a user name or password: they come from the identity file')
    .transform((text) => (text === '' ? null : text))
    .default(null),
  SLOWLIGHT_AGENT_CA_FILE: optionalText,
  SLOWLIGHT_AGENT_FFMPEG: z.string().trim().min(1, 'must name a program').default('ffmpeg'),
  SLOWLIGHT_AGENT_CAMERA_NETWORKS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((one) => one !== ''))
    .refine((list) => list.every(isNetwork), 'must list networks such as 192.168.1.0/24, or any, parted by commas')
    .default([...PRIVATE_NETWORKS]),
  SLOWLIGHT_AGENT_UPLOAD_NETWORKS: z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((one) => one !== ''))
    .refine((list) => list.every(isNetwork), 'must list networks such as 203.0.113.0/24, or any, parted by commas')
    .transform((list) => (list.length === 0 ? null : list))
    .default(null),
  SLOWLIGHT_AGENT_DECODERS: wholeNumber(1, 16, 2),
  SLOWLIGHT_AGENT_DECODE_SECONDS: wholeNumber(1, 30, 3),
  SLOWLIGHT_AGENT_GOP_MB: wholeNumber(1, 512, 24),
  SLOWLIGHT_AGENT_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error')
    .default('info'),
  SLOWLIGHT_AGENT_UPLOADS_AT_ONCE: wholeNumber(1, 8, 3),
  SLOWLIGHT_AGENT_UPLOAD_TIMEOUT_SECONDS: wholeNumber(5, 3600, 120),
  SLOWLIGHT_AGENT_QUARANTINE_AFTER: wholeNumber(1, 100, 5),
  SLOWLIGHT_AGENT_QUARANTINE_MOST_FRAMES: wholeNumber(1, 1_000_000, 1000),
  SLOWLIGHT_AGENT_QUARANTINE_MOST_MB: wholeNumber(1, 10_000_000, 500),
  SLOWLIGHT_AGENT_MOST_MB: wholeNumber(0, 100_000_000, 0),
  SLOWLIGHT_AGENT_KEEP_FREE_MB: wholeNumber(0, 10_000_000, 500),
  SLOWLIGHT_AGENT_KEEP_FREE_PERCENT: wholeNumber(0, 90, 5),
  SLOWLIGHT_AGENT_TOO_HOT_CELSIUS: wholeNumber(40, 150, 85),
  SLOWLIGHT_AGENT_TRUST_CLOCK: yesOrNo(false),
  SLOWLIGHT_AGENT_CLOCK_HOLD_SECONDS: wholeNumber(0, 86_400, 300),
  SLOWLIGHT_AGENT_REPORT_SECONDS: wholeNumber(5, 86_400, 60),
  SLOWLIGHT_AGENT_MEMORY_LIMIT_MB: wholeNumber(0, 65_536, 640),
});

export interface AgentConfig {
  /** The data directory: buffer, lock and, unless named otherwise, identity. */
  dataFolder: string;
  identityFile: string | null;
  /** Instead of the one in the identity file. */
  brokerUrl: string | null;
  caFile: string | null;
  ffmpeg: string;
  /** How cameras are reached and their pictures decoded. */
  capture: {
    networks: readonly string[];
    mostDecoders: number;
    mostDecodeMs: number;
    mostGopBytes: number;
  };
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Where uploads may go; null: where `upload-bounds.ts` says. */
  uploadNetworks: readonly string[] | null;
  uploadsAtOnce: number;
  uploadTimeoutMs: number;
  quarantineAfter: number;
  mostQuarantined: { frames: number; bytes: number };
  /** What the pictures on the card may take, bytes; null: what the card has. */
  mostBytes: number | null;
  keepFree: { megabytes: number; percent: number };
  tooHotCelsius: number;
  trustClock: boolean;
  clockHoldMs: number;
  reportEveryMs: number;
  /** Resident memory above which the agent restarts; null: none. */
  memoryLimitBytes: number | null;
  /** Started by systemd, which wants to hear how it goes; null: by something else. */
  service: { watchdogMs: number | null } | null;
}

/**
 * Reads the environment, and the file that it names; the environment wins.
 * @throws Failure `config.wrong` that names every wrong variable
 */
export function readConfig(env: Record<string, string | undefined>): Readonly<AgentConfig> {
  const given = { ...readConfigFile(env[CONFIG_FILE]), ...own(env) };
  const known = new Set(Object.keys(environment.shape));
  const problems = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `${name} is not known to the agent`);
  const read = environment.safeParse(given);
  if (!read.success) problems.push(...read.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`));
  if (problems.length > 0 || !read.success)
    throw new Failure({
      code: 'config.wrong',
      message: `the configuration is wrong: ${problems.join('; ')}`,
      hint: 'Correct these variables (agent/env.example explains each) and start the agent again.',
      retry: 'never',
    });
  return Object.freeze({ ...named(read.data), service: readService(env) });
}

/** What systemd says to the services that it starts. Source: sd_notify(3), sd_watchdog_enabled(3). */
function readService(env: Record<string, string | undefined>): AgentConfig['service'] {
  if (env.NOTIFY_SOCKET === undefined || env.NOTIFY_SOCKET === '') return null;
  const microseconds = Number(env.WATCHDOG_USEC);
  const forUs = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(process.pid);
  return { watchdogMs: forUs && microseconds > 0 ? microseconds / 1000 : null };
}

function named(read: z.output<typeof environment>): Omit<AgentConfig, 'service'> {
  return {
    dataFolder: read.SLOWLIGHT_AGENT_DATA,
    identityFile: read.SLOWLIGHT_AGENT_IDENTITY,
    brokerUrl: read.SLOWLIGHT_AGENT_BROKER_URL,
    caFile: read.SLOWLIGHT_AGENT_CA_FILE,
    ffmpeg: read.SLOWLIGHT_AGENT_FFMPEG,
    capture: {
      networks: read.SLOWLIGHT_AGENT_CAMERA_NETWORKS,
      mostDecoders: read.SLOWLIGHT_AGENT_DECODERS,
      mostDecodeMs: read.SLOWLIGHT_AGENT_DECODE_SECONDS * 1000,
      mostGopBytes: read.SLOWLIGHT_AGENT_GOP_MB * 1024 * 1024,
    },
    logLevel: read.SLOWLIGHT_AGENT_LOG_LEVEL,
    uploadNetworks: read.SLOWLIGHT_AGENT_UPLOAD_NETWORKS,
    uploadsAtOnce: read.SLOWLIGHT_AGENT_UPLOADS_AT_ONCE,
    uploadTimeoutMs: read.SLOWLIGHT_AGENT_UPLOAD_TIMEOUT_SECONDS * 1000,
    quarantineAfter: read.SLOWLIGHT_AGENT_QUARANTINE_AFTER,
    mostQuarantined: {
      frames: read.SLOWLIGHT_AGENT_QUARANTINE_MOST_FRAMES,
      bytes: read.SLOWLIGHT_AGENT_QUARANTINE_MOST_MB * 1_000_000,
    },
    mostBytes: read.SLOWLIGHT_AGENT_MOST_MB === 0 ? null : read.SLOWLIGHT_AGENT_MOST_MB * 1_000_000,
    keepFree: {
      megabytes: read.SLOWLIGHT_AGENT_KEEP_FREE_MB,
      percent: read.SLOWLIGHT_AGENT_KEEP_FREE_PERCENT,
    },
    tooHotCelsius: read.SLOWLIGHT_AGENT_TOO_HOT_CELSIUS,
    trustClock: read.SLOWLIGHT_AGENT_TRUST_CLOCK,
    clockHoldMs: read.SLOWLIGHT_AGENT_CLOCK_HOLD_SECONDS * 1000,
    reportEveryMs: read.SLOWLIGHT_AGENT_REPORT_SECONDS * 1000,
    memoryLimitBytes: read.SLOWLIGHT_AGENT_MEMORY_LIMIT_MB === 0 ? null : read.SLOWLIGHT_AGENT_MEMORY_LIMIT_MB * 1e6,
  };
}

function readConfigFile(file: string | undefined): Record<string, string> {
  if (file === undefined || file.trim() === '') return {};
  try {
    return own(parseEnv(readFileSync(file.trim(), 'utf8')));
  } catch (cause) {
    throw new Failure({
      code: 'config.wrong',
      message: `${CONFIG_FILE} names a file that cannot be read: ${messageOf(cause)}`,
      hint: `Correct ${CONFIG_FILE}, or take it away to configure the agent by the environment alone.`,
      retry: 'never',
      cause,
    });
  }
}

function own(env: Record<string, string | undefined>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (name.startsWith(PREFIX) && value !== undefined) found[name] = value;
  return found;
}
