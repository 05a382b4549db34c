import { z } from 'zod';
import { sessionId } from './ids.ts';
import { instant, seq } from './primitives.ts';

/** The version of the language on the wire; part of every topic and every envelope. */
export const WIRE_VERSION = 1;

/** The largest MQTT payload that either side accepts, in bytes. Pictures never travel over MQTT. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** An event of an agent: `seq` comes from a counter that is kept on its card and never used twice. */
export const eventEnvelope = <Type extends string, Body extends z.ZodType>(type: Type, body: Body) =>
  z.strictObject({
    v: z.literal(WIRE_VERSION),
    seq,
    session: sessionId,
    /** When this copy was sent; a repeated event has another one, and another session. */
    sentAt: instant,
    type: z.literal(type),
    body,
  });

/** A message that is not an event: the newest one counts, nobody keeps it. */
export const noticeEnvelope = <Type extends string, Body extends z.ZodType>(type: Type, body: Body) =>
  z.strictObject({ v: z.literal(WIRE_VERSION), session: sessionId, sentAt: instant, type: z.literal(type), body });
