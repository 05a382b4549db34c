/** Codes of the wire in English, and how English counts. */
import type { Fault, Outcome } from '@slowlight/protocol';

/** A count with its noun, in the right number. */
export const many = (count: number, one: string, other: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : other}`;

export const outcomes: Record<Outcome, string> = {
  captured: 'captured',
  flagged: 'flagged',
  discarded: 'judged bad and not kept',
  failed: 'camera failed',
  skipped: 'skipped',
  missed: 'missed',
  evicted: 'given up, card full',
  unreported: 'not reported yet',
  lost: 'lost',
};
export const faults: Record<Fault, string> = {
  truncated: 'cut off',
  undecodable: 'unreadable',
  black: 'black',
  white: 'white',
  uniform: 'one colour',
  'wrong-colour': 'wrong colours',
  'grey-lower-part': 'grey lower part',
  smeared: 'smeared',
  torn: 'torn',
  blurred: 'blurred',
  covered: 'covered',
  obstructed: 'obstructed',
  'no-signal': 'no signal',
  'over-exposed': 'too bright',
  'under-exposed': 'too dark',
  'half-black': 'half black',
  frozen: 'frozen picture',
  'view-moved': 'view moved',
};
/** Why a slot has no picture: readiness, missed slots and camera faults, as codes on the wire. */
const reasons: Record<string, string> = {
  'timelapse-not-found': 'the agent did not know the timelapse',
  'camera-not-found': 'the agent did not know the camera',
  'camera-disabled': 'the camera was switched off',
  'timelapse-not-running': 'the timelapse was not running',
  'outside-window': 'outside the schedule',
  'not-due': 'not due yet',
  'camera-offline': 'the camera was offline',
  'card-full': 'the agent’s card was full',
  'too-hot': 'the agent was too hot',
  'clock-not-set': 'the agent’s clock was not set',
  'agent-down': 'the agent was not running',
  'agent-late': 'the agent was late',
  unreachable: 'the camera could not be reached',
  refused: 'the camera refused the connection',
  unauthorised: 'wrong user name or password',
  'not-found': 'the camera has no such stream',
  'timed-out': 'the camera did not answer in time',
  'no-video': 'the stream holds no video',
  undecodable: 'the picture could not be decoded',
  tls: 'the secure connection failed',
  'blocked-address': 'the address is not allowed',
  unsupported: 'the stream’s format is not supported',
  'picture-unreadable': 'the stored picture could not be read',
};

export const reason = (code: string): string => reasons[code] ?? code.replaceAll('-', ' ');
