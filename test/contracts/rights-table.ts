/**
 * Who may do what at a broker, as data: every act of every role, with what has to come of it, for each way in which a broker
 * learns of rights. A test looks at what others hear of it, not at what the broker says.
 */
import { type AgentId, MAX_MESSAGE_BYTES, newAgentId, TOPIC_ROOT, topics } from '@slowlight/protocol';

export type Column = 'embedded' | 'mosquitto-files' | 'mosquitto-plugin' | 'http';
export type Outcome = 'allowed' | 'denied';

interface Row {
  name: string;
  expected: Outcome;
  /** Where a broker of the kind cannot do better, or is not asked; README.md says what it means. */
  differs?: Partial<Record<Column, Outcome | 'not asked'>>;
}
export interface LoginRow extends Row {
  act: 'login';
  login: (
    me: Identity,
    other: Identity,
  ) => { username?: string; password?: string; clientId?: string; clean?: boolean };
}
export interface SayRow extends Row {
  act: 'publish' | 'will';
  topic: (me: AgentId, other: AgentId) => string;
  qos?: 0 | 1 | 2;
  retain?: boolean;
  bytes?: number;
}
export interface HearRow extends Row {
  act: 'subscribe';
  filter: (me: AgentId, other: AgentId) => string;
  /** What is said then, by whom who may. */
  said: (me: AgentId, other: AgentId) => string;
}
export interface Identity {
  id: AgentId;
  secret: string;
}

const unlike = (...columns: Column[]) => ({
  say: (outcome: Outcome | 'not asked') => Object.fromEntries(columns.map((column) => [column, outcome])),
});
const atMosquitto = unlike('mosquitto-files', 'mosquitto-plugin');

const logins: LoginRow[] = [
  login('its id and secret', 'allowed', (me) => ({ username: me.id, password: me.secret })),
  login('a wrong secret', 'denied', (me) => ({ username: me.id, password: 'wrong' })),
  login('an empty secret', 'denied', (me) => ({ username: me.id, password: '' })),
  login('its id alone', 'denied', (me) => ({ username: me.id })),
  login('no login', 'denied', () => ({})),
  login('the secret of another', 'denied', (me, other) => ({ username: me.id, password: other.secret })),
  login('an unknown id', 'denied', (me) => ({ username: newAgentId(), password: me.secret })),
  login('its id in capitals', 'denied', (me) => ({ username: me.id.toUpperCase(), password: me.secret })),
  login('a wildcard for a name', 'denied', (me) => ({ username: '#', password: me.secret })),
  login('a long secret', 'denied', (me) => ({ username: me.id, password: me.secret.repeat(500) })),
  {
    // Mosquitto is told to take the user name for the client id whatever is given.
    ...login('another client id than its own', 'denied', (me) => ({ ...own(me), clientId: 'somebody' })),
    differs: atMosquitto.say('allowed'),
  },
  {
    ...login('the client id of another', 'denied', (me, other) => ({ ...own(me), clientId: other.id })),
    differs: atMosquitto.say('allowed'),
  },
  {
    ...login('a session that outlives the connection', 'denied', (me) => ({ ...own(me), clean: false })),
    differs: { ...atMosquitto.say('allowed'), http: 'not asked' },
  },
];

const ownSayings: SayRow[] = [
  say('its status, retained', 'allowed', (me) => topics.agentStatus(me), { retain: true }),
  say('its events', 'allowed', (me) => topics.agentEvents(me)),
  say('its events with QoS 0', 'allowed', (me) => topics.agentEvents(me), { qos: 0 }),
  say('its stills', 'allowed', (me) => topics.agentStills(me), { qos: 0 }),
  {
    ...say('the largest event', 'allowed', (me) => topics.agentEvents(me), { bytes: MAX_MESSAGE_BYTES }),
  },
  {
    ...say('an event that is too large', 'denied', (me) => topics.agentEvents(me), { bytes: MAX_MESSAGE_BYTES + 1 }),
    differs: { http: 'not asked' },
  },
  {
    ...say('its events, retained', 'denied', (me) => topics.agentEvents(me), { retain: true }),
    differs: atMosquitto.say('allowed'),
  },
  {
    ...say('its stills, retained', 'denied', (me) => topics.agentStills(me), { retain: true }),
    differs: atMosquitto.say('allowed'),
  },
  say('its events with QoS 2', 'denied', (me) => topics.agentEvents(me), { qos: 2 }),
];

const foreignTopics: [string, (me: AgentId, other: AgentId) => string][] = [
  ['the events of another', (_, other) => topics.agentEvents(other)],
  ['the status of another', (_, other) => topics.agentStatus(other)],
  ['the stills of another', (_, other) => topics.agentStills(other)],
  ['the receipts of another', (_, other) => topics.agentReceipts(other)],
  ['the grants of another', (_, other) => topics.agentGrants(other)],
  ['the settings of another', (_, other) => topics.agentSettings(other)],
  ['the commands of another', (_, other) => topics.agentCommands(other)],
  ['its own receipts', (me) => topics.agentReceipts(me)],
  ['its own grants', (me) => topics.agentGrants(me)],
  ['its own settings', (me) => topics.agentSettings(me)],
  ['its own commands', (me) => topics.agentCommands(me)],
  ['the status of the cloud', () => topics.cloudStatus],
  ['the echo of the cloud', () => `${TOPIC_ROOT}/cloud/echo/control-plane`],
  ['a topic below its events', (me) => `${topics.agentEvents(me)}/more`],
  ['a topic above its events', (me) => `${TOPIC_ROOT}/agents/${me}`],
  ['its events under another version', (me) => `slowlight/v2/agents/${me}/events`],
  ['its events with a slash before', (me) => `/${topics.agentEvents(me)}`],
  ['its events in capitals', (me) => topics.agentEvents(me).toUpperCase()],
  ['a foreign topic', () => 'home/lights'],
  ['a topic of the system', () => '$SYS/broker/uptime'],
  ['the control of the broker', () => '$CONTROL/dynamic-security/v1'],
];

const wills: SayRow[] = [
  { ...say('its status, retained', 'allowed', (me) => topics.agentStatus(me), { retain: true }), act: 'will' },
  ...foreignTopics.map(([name, topic]): SayRow => ({ ...say(name, 'denied', topic), act: 'will' })),
];

const hearings: HearRow[] = [
  ...(
    [
      ['its receipts', (me) => topics.agentReceipts(me)],
      ['its grants', (me) => topics.agentGrants(me)],
      ['its settings', (me) => topics.agentSettings(me)],
      ['its commands', (me) => topics.agentCommands(me)],
      ['its status', (me) => topics.agentStatus(me)],
      ['the status of the cloud', () => topics.cloudStatus],
    ] as [string, (me: AgentId) => string][]
  ).map(([name, topic]) => hear(name, 'allowed', topic, topic)),
  ...(
    [
      ['the settings of another', (_, other) => topics.agentSettings(other)],
      ['the grants of another', (_, other) => topics.agentGrants(other)],
      ['the commands of another', (_, other) => topics.agentCommands(other)],
      ['the receipts of another', (_, other) => topics.agentReceipts(other)],
      ['the events of another', (_, other) => topics.agentEvents(other)],
      ['the status of another', (_, other) => topics.agentStatus(other)],
      ['the stills of another', (_, other) => topics.agentStills(other)],
      ['its own events', (me) => topics.agentEvents(me)],
    ] as [string, (me: AgentId, other: AgentId) => string][]
  ).map(([name, topic]) => hear(name, 'denied', topic, topic)),
  ...['#', '+/#', 'slowlight/#', `${TOPIC_ROOT}/#`, `${TOPIC_ROOT}/agents/#`, `${TOPIC_ROOT}/agents/+/settings`].map(
    (filter) =>
      hear(
        filter,
        'denied',
        () => filter,
        (_, other) => topics.agentSettings(other),
      ),
  ),
  hear(
    'all below another',
    'denied',
    (_, other) => `${TOPIC_ROOT}/agents/${other}/+`,
    (_, other) => topics.agentGrants(other),
  ),
  hear(
    'a share of everything',
    'denied',
    () => '$share/group/#',
    (_, other) => topics.agentSettings(other),
  ),
  hear(
    'a share of the settings of another',
    'denied',
    (_, other) => `$share/group/${topics.agentSettings(other)}`,
    (_, other) => topics.agentSettings(other),
  ),
  hear(
    'the system',
    'denied',
    () => '$SYS/#',
    () => '$SYS/broker/version',
  ),
];

export const RIGHTS = {
  logins,
  sayings: [
    ...ownSayings,
    ...foreignTopics.flatMap(([name, topic]) => [
      say(name, 'denied', topic),
      say(`${name}, retained`, 'denied', topic, { retain: true }),
    ]),
  ],
  wills,
  hearings,
};

export const cells = [...RIGHTS.logins, ...RIGHTS.sayings, ...RIGHTS.wills, ...RIGHTS.hearings];
export const keyOf = (row: { act: string; name: string }): string => `${row.act}: ${row.name}`;

/** What has to come of each act at a broker of this kind. */
export const expectedAt = (column: Column): Record<string, Outcome | 'not asked'> =>
  Object.fromEntries(cells.map((row) => [keyOf(row), row.differs?.[column] ?? row.expected]));

function own({ id, secret }: Identity) {
  return { username: id, password: secret };
}
function login(name: string, expected: Outcome, how: LoginRow['login']): LoginRow {
  return { act: 'login', name, expected, login: how };
}
function say(name: string, expected: Outcome, topic: SayRow['topic'], how: Partial<SayRow> = {}): SayRow {
  return { act: 'publish', name, expected, topic, ...how };
}
function hear(name: string, expected: Outcome, filter: HearRow['filter'], said: HearRow['said']): HearRow {
  return { act: 'subscribe', name, expected, filter, said };
}
