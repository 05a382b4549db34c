import { spawn } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { HELP, parseArguments } from '@slowlight/agent/src/cli/arguments.ts';
import { askPassword } from '@slowlight/agent/src/cli/ask-password.ts';
import { examine, judgeDisk, judgeFfmpeg, judgeSpace, ok, sayFinding } from '@slowlight/agent/src/cli/doctor.ts';
import { newAgentId, newCameraId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeSettings } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { openVirtualCamera } from '../rig/open-virtual-camera.ts';
import { agentEnvironment, openAgent, writeIdentity } from '../rig/running-agent.ts';
import { openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';

const PROGRAM = path.join(import.meta.dirname, '../../agent/src/main.ts');

/** Calls the program as a person would; the input is `input`. */
async function call(folder: string, args: string[], { env = {}, input = '' } = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env.PATH, ...agentEnvironment(folder), ...env },
  });
  const [said, complaint]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  child.stdin.end(input);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const text = Buffer.concat(said).toString('utf8');
  return { exitCode, text, complaint: Buffer.concat(complaint).toString('utf8'), json: () => JSON.parse(text) };
}

describe('the command line', () => {
  it.each([
    [[], { verb: 'run', endWithInput: false }],
    [['run', '--end-with-input'], { verb: 'run', endWithInput: true }],
    [['--help'], { verb: 'help' }],
    [['capture', '-h'], { verb: 'help' }],
    [['status', '--json'], { verb: 'status', json: true }],
    [
      ['test-camera', 'rtsp://c/s', '-u', 'admin'],
      { verb: 'test-camera', camera: { name: 'rtsp://c/s', user: 'admin', mjpeg: false }, json: false },
    ],
    [['capture', 'Oak', '-o', 'oak.jpg'], { verb: 'capture', output: 'oak.jpg' }],
    [['quarantine', 'retry', 'a', 'b'], { verb: 'retry-quarantine', frames: ['a', 'b'] }],
    [['discover', '-s', '3'], { verb: 'discover', user: null, seconds: 3 }],
    [['discover', '-s', '0'], { verb: 'wrong', problem: '--seconds must be a number from 1 to 60' }],
    [['capture', 'Oak'], { verb: 'wrong', problem: 'capture needs -o FILE: where the picture is written' }],
    [['fly'], { verb: 'wrong', problem: 'there is no command fly' }],
    [['status', '--user', 'me'], { verb: 'wrong', problem: 'status does not take --user' }],
    [['status', 'now'], { verb: 'wrong', problem: 'status does not take now' }],
    [['--password', 'x'], { verb: 'wrong', problem: expect.stringContaining('--password') }],
    [['test-camera'], { verb: 'wrong' }],
  ])('reads %j', (args, asked) => {
    expect(parseArguments(args)).toMatchObject(asked);
  });

  it('helps, says its version, and what it did not understand', async () => {
    const folder = await openFolder();
    expect(await call(folder, ['--help'])).toMatchObject({ exitCode: 0, text: HELP, complaint: '' });
    expect((await call(folder, ['--version'])).text).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong = await call(folder, ['fly']);
    expect(wrong).toMatchObject({ exitCode: 64, text: '' });
    expect(wrong.complaint).toContain('there is no command fly');
    const unset = await call(folder, ['status'], { env: { SLOWLIGHT_AGENT_KEEP_FREE_MB: 'all' } });
    expect(unset).toMatchObject({ exitCode: 78, complaint: expect.stringContaining('SLOWLIGHT_AGENT_KEEP_FREE_MB') });
  });

  it('reads a password from the first line of the input', async () => {
    const prompt = new Writable({ write: (_chunk, _encoding, done) => done() });
    expect(await askPassword('Password: ', { input: Readable.from(['p@ss: w"rd\nmore\n']), prompt })).toBe(
      'p@ss: w"rd',
    );
    expect(await askPassword('Password: ', { input: Readable.from([]), prompt })).toBe('');
  });
});

describe('status', () => {
  it('of a place where no agent has ever been says so', async () => {
    const folder = await openFolder();
    const { exitCode, text } = await call(folder, ['status']);
    expect([exitCode, text]).toEqual([0, expect.stringContaining('not running')]);
  });

  it('beside a running agent tells its line, its settings, its next slots and its backlog', async () => {
    const folder = await openFolder();
    const agentId = newAgentId();
    const cloud = await openTinyCloud(agentId);
    await writeIdentity(folder, { agentId, brokerUrl: cloud.brokerUrl });
    const agent = await openAgent(folder);
    cloud.givesGrants = () => false;
    cloud.listen(true);
    cloud.settings(makeSettings({ agentId, firstAtOnce: true }));
    await until('frames wait', () => [...cloud.recorded.values()].some(({ type }) => type === 'slot.settled'));
    const report = await until('it is told', async () => {
      const { json } = await call(folder, ['status', '--json']);
      return json().running?.connection.state === 'listening' && json();
    });
    expect(report).toMatchObject({
      agentId,
      running: { pid: process.pid },
      settingsVersion: 1,
      site: 'Meadow',
      cameras: [{ name: 'Oak', enabled: true }],
      timelapses: [{ name: 'The oak', camera: 'Oak', state: 'running' }],
      lastFrames: expect.arrayContaining([expect.objectContaining({ camera: 'Oak', state: 'waiting' })]),
    });
    expect(report.timelapses[0].nextSlots).toHaveLength(3);
    expect(report.backlog.frames).toBeGreaterThan(0);
    const { text } = await call(folder, ['status']);
    expect(text).toMatch(/connection {3}connected, the control plane listens/);
    await agent.stop();
    expect((await call(folder, ['status', '--json'])).json().running).toBeNull();
  });
});

describe('cameras and pictures', () => {
  it('takes a picture of a camera that is only an address, and judges it', async () => {
    const folder = await openFolder();
    const camera = await openVirtualCamera({ gopSeconds: 1 });
    const file = path.join(folder, 'picture.jpg');
    const taken = await call(folder, ['capture', camera.url, '-o', file, '--json']);
    expect([taken.exitCode, taken.json()]).toEqual([0, expect.objectContaining({ widthPx: 640, heightPx: 360, file })]);
    expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 360 });
    const judged = await call(folder, ['judge', file, '--json']);
    expect(judged.json()).toMatchObject({ score: taken.json().score, faults: taken.json().faults });
    const tested = await call(folder, ['test-camera', camera.url]);
    expect([tested.exitCode, tested.text]).toEqual([0, expect.stringMatching(/^a picture of 640 × 360 \(h264\)/)]);
  });

  it('says why there is no picture, writes none, and takes no password from the address', async () => {
    const folder = await openFolder();
    const file = path.join(folder, 'picture.jpg');
    const nobody = await call(folder, ['capture', 'rtsp://127.0.0.1:1/stream', '-o', file], {
      env: { SLOWLIGHT_AGENT_CAMERA_NETWORKS: '10.0.0.0/8' },
    });
    expect([nobody.exitCode, nobody.text]).toEqual([1, expect.stringMatching(/^no picture: blocked-address\. \w/)]);
    await expect(stat(file)).rejects.toThrow();
    const secret = await call(folder, ['test-camera', 'rtsp://admin:secret@127.0.0.1/stream']);
    expect([secret.exitCode, secret.complaint]).toEqual([1, expect.stringContaining('--user')]);
    expect(secret.complaint).not.toContain('secret@');
    const damaged = path.join(folder, 'damaged.jpg');
    await writeFile(damaged, 'this is no picture');
    expect(await call(folder, ['judge', damaged])).toMatchObject({ exitCode: 1 });
    const unknown = await call(folder, ['test-camera', newCameraId(), '--json']);
    expect([unknown.exitCode, unknown.json()]).toEqual([1, expect.objectContaining({ code: 'camera.not-found' })]);
  });
});

describe('the doctor', () => {
  it('looks at everything, says what to do, and ends with 1 where something is bad', async () => {
    const folder = await openFolder();
    const nobody = await call(folder, ['doctor', '--json']);
    expect(nobody.exitCode).toBe(1);
    const bad = nobody.json().filter(({ state }: { state: string }) => state === 'bad');
    expect(bad.map(({ what }: { what: string }) => what)).toEqual(['data directory', 'identity', 'broker']);

    const agentId = newAgentId();
    const cloud = await openTinyCloud(agentId);
    const file = await writeIdentity(folder, { agentId, brokerUrl: cloud.brokerUrl });
    const before = await readFile(file, 'utf8');
    const { exitCode, text } = await call(folder, ['doctor']);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^ok {4}card speed .*durable after/m);
    expect(text).toMatch(/^ok {4}ffmpeg .*h264, hevc, mjpeg/m);
    expect(text).toMatch(/^ok {4}broker .*logged in/m);
    expect(text).toMatch(/^warn {2}process .*no agent works\b[^\n]*\n +→ Start it/m);
    // It looks and changes nothing: the keys are the agent's to make.
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('a look that breaks is a finding, and the others go on', async () => {
    const hint = 'Mend it.';
    const looks = [
      { what: 'a', look: () => Promise.reject(new Failure({ code: 'x', message: 'broken', hint, retry: 'never' })) },
      { what: 'b', look: () => Promise.reject(new Error('odd')) },
      { what: 'c', look: async () => ok('fine') },
    ];
    const heard: string[] = [];
    const findings = await examine(looks, (finding) => heard.push(sayFinding(finding)));
    expect(findings.map(({ state }) => state)).toEqual(['bad', 'bad', 'ok']);
    expect(heard[0]).toBe(`BAD   a                broken\n${' '.repeat(22)} → Mend it.`);
  });

  it('knows slow cards, full cards and an ffmpeg that lacks what is needed', () => {
    expect(judgeDisk({ syncMs: 20, bytesPerSecond: 20e6 }).state).toBe('ok');
    expect(judgeDisk({ syncMs: 900, bytesPerSecond: 20e6 }).state).toBe('warn');
    const space = (freeBytes: number) => judgeSpace({ freeBytes, totalBytes: 32e9, floorBytes: 1e9 }).state;
    expect([space(10e9), space(1.5e9), space(0.5e9)]).toEqual(['ok', 'warn', 'bad']);
    const all = ' VFS..D h264   H.264\n VFS..D hevc   HEVC\n V....D mjpeg  MJPEG\n';
    expect(judgeFfmpeg('7.1.1', all).state).toBe('ok');
    expect(judgeFfmpeg('3.4', all).state).toBe('warn');
    expect(judgeFfmpeg('7.1.1', ' VFS..D h264   H.264\n V....D mjpegb MJPEG\n')).toMatchObject({
      state: 'bad',
      found: '7.1.1, without decoders for hevc, mjpeg',
    });
    expect(judgeFfmpeg(null, '').state).toBe('bad');
  });
});
