/** What `slowlight-agent` is asked for on the command line. Pure: passwords never stand there, see `ask-password.ts`. */
import { parseArgs } from 'node:util';

export type Asked =
  /** `endWithInput`: stop clean when the input is closed, because whoever started it is gone. */
  | { verb: 'run'; endWithInput: boolean }
  | { verb: 'help' }
  | { verb: 'version' }
  | { verb: 'status'; json: boolean }
  | { verb: 'doctor'; json: boolean }
  | { verb: 'discover'; user: string | null; seconds: number; json: boolean }
  | { verb: 'test-camera'; camera: CameraAsked; json: boolean }
  | { verb: 'capture'; camera: CameraAsked; output: string; json: boolean }
  | { verb: 'judge'; file: string; json: boolean }
  | { verb: 'quarantine'; json: boolean }
  | { verb: 'retry-quarantine'; frames: string[]; json: boolean }
  | EnrollAsked
  | { verb: 'wrong'; problem: string };

/** `token` null or `-`: it is asked for. `again`: this device is an agent already and gets another login. */
export interface EnrollAsked {
  verb: 'enroll';
  url: string;
  token: string | null;
  pin: string | null;
  caFile: string | null;
  again: boolean;
  json: boolean;
}

/** A camera of this agent by its id or its name, or any camera by its address. */
export interface CameraAsked {
  name: string;
  user: string | null;
  /** The address gives picture after picture, not one for each request. */
  mjpeg: boolean;
}

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  json: { type: 'boolean' },
  'end-with-input': { type: 'boolean' },
  user: { type: 'string', short: 'u' },
  output: { type: 'string', short: 'o' },
  seconds: { type: 'string', short: 's' },
  mjpeg: { type: 'boolean' },
  pin: { type: 'string' },
  'ca-file': { type: 'string' },
  again: { type: 'boolean' },
} as const;

/** Which options each verb takes, and how many words follow it. */
const VERBS: Record<
  string,
  { takes: readonly (keyof typeof options)[]; words: readonly [least: number, most: number] }
> = {
  run: { takes: ['end-with-input'], words: [0, 0] },
  help: { takes: [], words: [0, 1] },
  status: { takes: ['json'], words: [0, 0] },
  doctor: { takes: ['json'], words: [0, 0] },
  discover: { takes: ['json', 'user', 'seconds'], words: [0, 0] },
  'test-camera': { takes: ['json', 'user', 'mjpeg'], words: [1, 1] },
  capture: { takes: ['json', 'user', 'mjpeg', 'output'], words: [1, 1] },
  judge: { takes: ['json'], words: [1, 1] },
  quarantine: { takes: ['json'], words: [1, 501] },
  enroll: { takes: ['json', 'pin', 'ca-file', 'again'], words: [1, 2] },
};

/** @param args without the program's own name */
export function parseArguments(args: readonly string[]): Asked {
  const read = readOptions(args);
  if (typeof read === 'string') return wrong(read);
  const { values, positionals } = read;
  if (values.help) return { verb: 'help' };
  if (values.version) return { verb: 'version' };
  const [verb = 'run', ...words] = positionals;
  const known = VERBS[verb];
  if (known === undefined) return wrong(`there is no command ${verb}`);
  const odd = Object.keys(values).find((name) => !(known.takes as readonly string[]).includes(name));
  if (odd !== undefined) return wrong(`${verb} does not take --${odd}`);
  const [least, most] = known.words;
  if (words.length < least) return wrong(`${verb} needs ${verb === 'judge' ? 'a file' : 'one more word'}: see below`);
  if (words.length > most) return wrong(`${verb} does not take ${words[most]}`);
  return askedOf(verb, words, values);
}

type Values = Exclude<ReturnType<typeof readOptions>, string>['values'];

function askedOf(verb: string, [first = '', ...more]: string[], values: Values): Asked {
  const json = values.json ?? false;
  const user = values.user ?? null;
  const camera = { name: first, user, mjpeg: values.mjpeg ?? false };
  switch (verb) {
    case 'run':
      return { verb, endWithInput: values['end-with-input'] ?? false };
    case 'help':
      return { verb };
    case 'status':
    case 'doctor':
      return { verb, json };
    case 'discover': {
      const seconds = Number(values.seconds ?? 5);
      if (!(seconds >= 1 && seconds <= 60)) return wrong('--seconds must be a number from 1 to 60');
      return { verb, user, seconds, json };
    }
    case 'test-camera':
      return { verb, camera, json };
    case 'capture':
      if (values.output === undefined) return wrong('capture needs -o FILE: where the picture is written');
      return { verb, camera, output: values.output, json };
    case 'judge':
      return { verb, file: first, json };
    case 'enroll': {
      const { pin = null, 'ca-file': caFile = null, again = false } = values;
      if (pin !== null && caFile !== null) return wrong('enroll takes --pin or --ca-file, not both');
      return { verb, url: first, token: more[0] ?? null, pin, caFile, again, json };
    }
    default:
      if (first === 'list' && more.length === 0) return { verb: 'quarantine', json };
      if (first === 'retry') return { verb: 'retry-quarantine', frames: more, json };
      return wrong('quarantine is followed by list, or by retry and the frames (none: all of them)');
  }
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

const wrong = (problem: string): Asked => ({ verb: 'wrong', problem });

export const HELP = `Usage: slowlight-agent [command] [options]

  run                    take pictures, deliver them (this is what happens without a command)
      --end-with-input       stop clean when the input is closed: for whoever starts it as a child
  enroll URL [TOKEN]     makes this device an agent; the control plane shows the whole command.
                         Without the token (or with -) it is asked for
      --pin sha256:…         the certificate that the control plane must show
      --ca-file FILE         or the authority that must have signed it, PEM
      --again                this device is an agent already: another login for it
  status                 what a running agent does: settings, next slots, backlog, connection
  doctor                 is everything there that it needs, and if not, what to do
  discover               the cameras in this network that speak ONVIF
      -u, --user NAME        also ask each for its streams; the password is asked for
      -s, --seconds N        how long to listen, 1 to 60 (5)
  test-camera CAMERA     does this camera give a picture
  capture CAMERA -o FILE takes one picture and writes it to a file; it is not kept as a frame
      -u, --user NAME        the camera's user, where CAMERA is an address; the password is asked for
      --mjpeg                the http address gives picture after picture
  judge FILE             what the judge says of a JPEG
  quarantine list        frames that were set aside, and why
  quarantine retry [FRAME…]  deliver them anew (the agent must not be running; else use the system page)

  --json                 an answer for programs, one JSON value
  -h, --help             this text
  -v, --version          the version

CAMERA is an address (rtsp://192.168.1.20/stream, without a password), or the id or name of a camera of this agent.
Passwords are never given on the command line: they are asked for, or read from the first line of the input.
Run it as the user of the agent, such as: sudo -u slowlight slowlight-agent status
Settings are environment variables SLOWLIGHT_AGENT_…, or lines of the file that SLOWLIGHT_AGENT_CONFIG names.

Exit codes: 0 all is well, 1 it is not, 64 the command was not understood, 78 a setting is wrong.
`;
