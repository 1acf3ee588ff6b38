import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { nodeSuite } from '../../ledger/node/suite';
import { checkpointText, parseCheckpointText, verifyCheckpoint } from '../../ledger/verify/checkpoint';
import { fromBase64Url } from '../../ledger/verify/encoding';
import { cosignedMessage, formatNote, parseNote, verifyNote } from '../../ledger/verify/note';
import { webSuite } from '../../ledger/verify/suite';
import { formatVkey, parseVkey, type VerifierKey, verifierKey } from '../../ledger/verify/vkey';

// Vectors: golang.org/x/mod/sumdb/note (both keys, one note) and https://c2sp.org/signed-note (the example).
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_SIG =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH_SIG =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const C2SP_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const C2SP_NOTE =
  'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

function key(vkey: string): VerifierKey {
  const parsed = parseVkey(nodeSuite, vkey);
  if (parsed === undefined) throw new Error(`not a vkey: ${vkey}`);
  return parsed;
}

describe.each([
  ['node', nodeSuite],
  ['web', webSuite],
])('known notes, %s cryptography', (_, suite) => {
  test('one signature by a trusted key suffices; strangers are ignored', async () => {
    const note = await verifyNote(suite, `${TEXT}\n${PETER_SIG}${ENOCH_SIG}`, [key(PETER)]);
    expect(note.text).toBe(TEXT);
    expect(note.verified.map((v) => v.key.name)).toEqual(['PeterNeumann']);
  });

  test('both, when both are trusted, each once', async () => {
    const note = `${TEXT}\n${PETER_SIG}${PETER_SIG}${ENOCH_SIG}`;
    const { verified } = await verifyNote(suite, note, [key(ENOCH), key(PETER)]);
    expect(verified.map((v) => v.key.name)).toEqual(['PeterNeumann', 'EnochRoot']);
  });

  test("the standard's example", async () => {
    expect((await verifyNote(suite, C2SP_NOTE, [key(C2SP_VKEY)])).text).toBe('This is an example message.\n');
  });

  test('no trusted key, a wrong signature by one, another text', async () => {
    const note = `${TEXT}\n${PETER_SIG}`;
    await expect(verifyNote(suite, note, [])).rejects.toMatchObject({ code: 'UNSIGNED' });
    await expect(verifyNote(suite, note, [key(ENOCH)])).rejects.toMatchObject({ code: 'UNSIGNED' });
    await expect(verifyNote(suite, `x${note}`, [key(PETER)])).rejects.toMatchObject({
      code: 'BAD_SIGNATURE',
    });
    const longer = `${TEXT}\n${PETER_SIG.slice(0, 60)}ABCD${PETER_SIG.slice(60)}`;
    await expect(verifyNote(suite, longer, [key(PETER)])).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });
});

test.each([PETER, ENOCH, C2SP_VKEY])('vkey %s: no part and no neighbour of it is one', (vkey) => {
  expect(formatVkey(key(vkey))).toBe(vkey);
  for (let i = 0; i < vkey.length; i += 1) {
    for (let j = i + 1; j <= vkey.length; j += 1) {
      if (j - i < vkey.length) expect(parseVkey(nodeSuite, vkey.slice(i, j))).toBeUndefined();
    }
    const next = String.fromCharCode(vkey.charCodeAt(i) + 1);
    expect(parseVkey(nodeSuite, vkey.slice(0, i) + next + vkey.slice(i + 1))).toBeUndefined();
  }
});

test('a key of another length or type is refused although its id fits', () => {
  const long = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
  expect(parseVkey(nodeSuite, long)).toBeUndefined();
  const strange = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  expect(parseVkey(nodeSuite, strange)).toBeUndefined();
});

test.each([
  ['no signatures', TEXT],
  ['no signature lines', `${TEXT}\n`],
  ['no final newline', `${TEXT}\n${PETER_SIG.slice(0, -1)}`],
  ['a control character', `\x01${TEXT}\n${PETER_SIG}`],
  ['half a character', `\ud800${TEXT}\n${PETER_SIG}`],
  ['a space in the name', `${TEXT}\n${PETER_SIG.replace('PeterNeumann', 'Bad Name')}`],
  ['a line of another kind', `${TEXT}\n${PETER_SIG}Unexpected line.\n`],
  ['too many signatures', `${TEXT}\n${PETER_SIG.repeat(101)}`],
  ['too long', `${'x\n'.repeat(500_001)}\n${PETER_SIG}`],
])('malformed: %s', (_, note) => {
  expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
});

function newKey(): { privateKey: KeyObject; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const x = fromBase64Url(publicKey.export({ format: 'jwk' }).x ?? '');
  if (x === undefined) throw new Error('no public key');
  return { privateKey, publicKey: x };
}

describe('checkpoints', () => {
  const log = newKey();
  const witness = newKey();
  const logKey = verifierKey(nodeSuite, 'novantra-eu', log.publicKey);
  const witnessKey = verifierKey(nodeSuite, 'witness.example/w1', witness.publicKey, 'cosignature');
  const checkpoint = {
    origin: 'novantra-eu/5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11',
    size: 3,
    root: new Uint8Array(32).fill(7),
    mode: 'development' as const,
  };
  const text = checkpointText(checkpoint);
  const byLog = {
    name: logKey.name,
    keyId: logKey.keyId,
    signature: sign(null, Buffer.from(text), log.privateKey),
  };
  const timestamp = 1_679_315_147;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timestamp));
  const byWitness = {
    name: witnessKey.name,
    keyId: witnessKey.keyId,
    signature: Buffer.concat([time, sign(null, cosignedMessage(text, timestamp), witness.privateKey)]),
  };

  test('signed by the log, countersigned by a witness at a time', async () => {
    const note = formatNote({ text, signatures: [byLog, byWitness] });
    const { checkpoint: read, verified } = await verifyCheckpoint(nodeSuite, note, [logKey, witnessKey]);
    expect(read).toEqual(checkpoint);
    expect(verified.map((v) => [v.key.name, v.timestamp])).toEqual([
      ['novantra-eu', undefined],
      ['witness.example/w1', timestamp],
    ]);
  });

  test('a witness alone is not the log, nor is the log of another deployment', async () => {
    const onlyWitness = formatNote({ text, signatures: [byWitness] });
    await expect(verifyCheckpoint(nodeSuite, onlyWitness, [logKey, witnessKey])).rejects.toMatchObject({
      code: 'UNSIGNED',
    });
    const other = verifierKey(nodeSuite, 'novantra', log.publicKey);
    const note = formatNote({ text, signatures: [{ ...byLog, name: other.name, keyId: other.keyId }] });
    await expect(verifyCheckpoint(nodeSuite, note, [other])).rejects.toMatchObject({ code: 'UNSIGNED' });
  });

  test('a cosignature with another time, or none, is wrong', async () => {
    const later = Uint8Array.from(byWitness.signature);
    later[7] = (later[7] ?? 0) + 1;
    for (const signature of [later, byWitness.signature.subarray(8)]) {
      const note = formatNote({ text, signatures: [byLog, { ...byWitness, signature }] });
      await expect(verifyCheckpoint(nodeSuite, note, [logKey, witnessKey])).rejects.toMatchObject({
        code: 'BAD_SIGNATURE',
      });
    }
  });

  test.each([
    ['no mode', text.replace('mode development\n', '')],
    ['another mode', text.replace('development', 'staging')],
    ['leading zero', text.replace('\n3\n', '\n03\n')],
    ['negative', text.replace('\n3\n', '\n-3\n')],
    ['beyond 2^53', text.replace('\n3\n', '\n9007199254740993\n')],
    ['short root', text.replace(/BwcHBw/, '')],
    ['no origin', text.replace(checkpoint.origin, '')],
    ['a line more', `${text}more\n`],
    ['no end', text.slice(0, -1)],
  ])('malformed text: %s', (_, wrong) => {
    expect(() => parseCheckpointText(wrong)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });
});
