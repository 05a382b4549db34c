/**
 * The brokers of houses as people arrange them.
 *
 * Promise: a password is sealed as it comes in and never given out, and one that was given for an address is never sent to
 * another.
 */
import { X509Certificate } from 'node:crypto';
import {
  type HomeBrokerChange,
  type HomeBrokerId,
  type HomeBrokerInput,
  type HomeBrokerView,
  type HomeLinkView,
  type HomeTestInput,
  newHomeBrokerId,
} from '@slowlight/protocol';
import { Failure, type SecretBox } from '@slowlight/protocol/kit';
import { ZodError } from 'zod';
import type { HomeBroker, HomeBrokerWrite, HomeRecords } from '../ports-home.ts';

export interface BrokerSettings {
  list(): Promise<HomeBrokerView[]>;
  /** @throws Failure `request.invalid` */
  add(input: HomeBrokerInput): Promise<HomeBrokerView>;
  /** null: there is none. @throws Failure `request.invalid` */
  change(id: HomeBrokerId, change: HomeBrokerChange): Promise<HomeBrokerView | null>;
  remove(id: HomeBrokerId): Promise<boolean>;
  passwordOf(broker: HomeBroker): string | null;
  /** What is to be tried: with the stored password of a stored connection, where none is given. @throws Failure `request.invalid` */
  toTry(input: HomeTestInput): Promise<HomeBrokerWrite & { password: string | null }>;
}

export function createBrokerSettings(
  { records, box }: { records: HomeRecords; box: SecretBox },
  { linkOf, onChanged }: { linkOf: (broker: HomeBroker) => HomeLinkView; onChanged: () => void },
): BrokerSettings {
  const passwordOf = ({ id, sealedPassword }: HomeBroker) =>
    sealedPassword === null ? null : box.open(sealedPassword, id);
  const view = (broker: HomeBroker): HomeBrokerView => {
    const { sealedPassword, ...shown } = broker;
    return { ...shown, hasPassword: sealedPassword !== null, link: linkOf(broker) };
  };

  async function wantAlone(wanted: HomeBrokerWrite, id: HomeBrokerId | null): Promise<void> {
    const others = (await records.homeBrokers()).filter((one) => one.id !== id);
    const same = others.find((one) => sameAddress(one.url, wanted.url) && one.topicRoot === wanted.topicRoot);
    if (same !== undefined) throw wrong('url', `is spoken with already, as "${same.name}"`);
  }

  return {
    list: async () => (await records.homeBrokers()).map(view),
    async add({ password, ...input }) {
      const id = newHomeBrokerId();
      const wanted = { ...input, sealedPassword: password === null ? null : box.seal(password, id) };
      wantWhole(wanted);
      await wantAlone(wanted, null);
      const made = await records.createHomeBroker(id, wanted);
      onChanged();
      return view(made);
    },
    async change(id, change) {
      const before = await records.homeBroker(id);
      if (before === null) return null;
      const { password, ...given } = change;
      const wanted = { ...before, ...known(given) };
      if (password !== undefined) wanted.sealedPassword = password === null ? null : box.seal(password, id);
      else if (before.sealedPassword !== null && !sameAddress(before.url, wanted.url))
        throw wrong('password', GIVE_AGAIN);
      wantWhole(wanted);
      await wantAlone(wanted, id);
      const { id: _id, createdAt: _createdAt, ...write } = wanted;
      const made = await records.changeHomeBroker(id, write);
      onChanged();
      return made === null ? null : view(made);
    },
    async remove(id) {
      const gone = await records.deleteHomeBroker(id);
      onChanged();
      return gone;
    },
    passwordOf,
    async toTry({ id, password, ...input }) {
      const wanted = { ...input, sealedPassword: null };
      wantWhole({ ...wanted, sealedPassword: password });
      const stored = id === undefined ? null : await records.homeBroker(id);
      if (password !== null || stored === null || stored.sealedPassword === null || input.username === null)
        return { ...wanted, password };
      if (!sameAddress(stored.url, input.url)) throw wrong('password', GIVE_AGAIN);
      return { ...wanted, password: passwordOf(stored) };
    },
  };
}

const GIVE_AGAIN = 'must be typed in again, because it was given for another address';

function wantWhole({ url, ca, username, sealedPassword }: HomeBrokerWrite): void {
  if (sealedPassword !== null && username === null) throw wrong('username', 'is missing beside the password');
  if (ca === null) return;
  if (!url.startsWith('mqtts:')) throw wrong('ca', 'is of no use without TLS: the address must begin with mqtts://');
  try {
    new X509Certificate(ca);
  } catch {
    throw wrong('ca', 'is not a certificate in PEM form (-----BEGIN CERTIFICATE-----)');
  }
}

/** Whoever answers there is the same: scheme too, because a password is not given away to a listener on the way. */
function sameAddress(one: string, other: string): boolean {
  const [a, b] = [URL.parse(one), URL.parse(other)];
  const port = (url: URL | null) => url?.port || (url?.protocol === 'mqtts:' ? '8883' : '1883');
  return a?.protocol === b?.protocol && a?.hostname.toLowerCase() === b?.hostname.toLowerCase() && port(a) === port(b);
}

function known<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

function wrong(field: string, problem: string): Failure {
  return new Failure({
    code: 'request.invalid',
    message: `${field}: ${problem}`,
    hint: 'Correct the named fields and send it again.',
    retry: 'never',
    cause: new ZodError([{ code: 'custom', path: [field], message: problem, input: undefined }]),
  });
}
