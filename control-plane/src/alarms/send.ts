/** Tells a message to a channel, in the channel's language. */
import type { ChannelTarget } from '@slowlight/protocol';
import { type Clock, Failure, type Outbound } from '@slowlight/protocol/kit';
import type { Message } from './message.ts';
import { sendEmail } from './send-email.ts';
import { postSigned, wantSuccess } from './signed-post.ts';
import { priorityOf } from './words.ts';

/** Resolves when the other side has it. @throws Failure `outbound.*` | `receiver.*` | `mail.*` | `secret.*` */
export async function sendMessage(
  deps: { outbound: Outbound; clock: Clock },
  { target, secret, message }: { target: ChannelTarget; secret: string | null; message: Message },
  signal: AbortSignal,
): Promise<void> {
  switch (target.kind) {
    case 'webhook': {
      if (secret === null) throw noSecret();
      const { id, type, at, title, text, severity, link, facts } = message;
      const data = { title, text, severity, url: link, ...facts };
      const body = JSON.stringify({ type, timestamp: new Date(at).toISOString(), data });
      await postSigned(deps.outbound, { url: target.url, secret, id, body, at: deps.clock.now() }, signal);
      return;
    }
    case 'email':
      await sendEmail(deps, { target, password: secret, message }, signal);
      return;
    case 'ntfy':
      await sendNtfy(deps.outbound, { target, token: secret, message }, signal);
  }
}

/** Source: the documentation of ntfy, "Publish as JSON": to the root of the server, with the topic inside. */
async function sendNtfy(
  outbound: Outbound,
  how: { target: Extract<ChannelTarget, { kind: 'ntfy' }>; token: string | null; message: Message },
  signal: AbortSignal,
): Promise<void> {
  const { target, token, message } = how;
  const { title, text, severity, link, type } = message;
  const isOver = type === 'alarm.cleared' || type === 'digest';
  const body = JSON.stringify({
    topic: target.topic,
    title,
    message: text,
    priority: isOver ? 2 : priorityOf(severity),
    tags: [isOver ? 'white_check_mark' : severity === 'critical' ? 'rotating_light' : 'warning'],
    ...(link !== null && { click: link }),
  });
  const url = new URL('/', target.url).href;
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Slowlight',
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  const { status } = await outbound.request({ url, method: 'POST', headers, body }, signal);
  wantSuccess(status, url);
}

const noSecret = () =>
  new Failure({
    code: 'secret.not-for-signing',
    message: 'The webhook has no secret to sign with.',
    hint: 'Give it one in its settings.',
    retry: 'never',
  });
