import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Item } from './planted';
import type { Random } from './random';
import { SHAPES } from './shapes';

/** What only other people's tools make: OpenSSL, OpenSSH, GnuPG, keytool. Needs them; they're run at generation only. */
export function madeByTools(random: Random, each: number): Item[] {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-corpus-'));
  const file = (name: string) => join(folder, name);
  const run = (command: string, ...args: string[]): Buffer =>
    execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder });
  const openssl = (...args: string[]) => run('openssl', ...args);
  const items: Item[] = [];
  const add = (kind: string, nth: number, secret: string) => {
    const shape = SHAPES[(nth + random.below(SHAPES.length)) % SHAPES.length] ?? String;
    items.push({ label: 'planted', kind, text: shape(secret, random) });
  };
  const wrapped = (bytes: Buffer) => (bytes.toString('base64').match(/.{1,76}/g) ?? []).join('\n');
  try {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=nobody',
      '-keyout',
      'k.pem',
      '-out',
      'c.pem',
    );
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'e.pem');
    run(
      'gpg',
      '--homedir',
      folder,
      '--batch',
      '--passphrase',
      '',
      '--quick-gen-key',
      'nobody@acme.example',
      'ed25519',
      'cert',
    );
    const pgp = run('gpg', '--homedir', folder, '--armor', '--export-secret-keys').toString();
    for (let nth = 0; nth < each; nth++) {
      rmSync(file('s'), { force: true });
      rmSync(file('s.pub'), { force: true });
      const type = ['ed25519', 'ecdsa', 'rsa'][nth % 3] ?? 'ed25519';
      run(
        'ssh-keygen',
        '-q',
        '-t',
        type,
        '-N',
        nth % 2 === 0 ? '' : 'a passphrase',
        '-C',
        'nobody',
        '-f',
        's',
      );
      add('openssh', nth, readFileSync(file('s'), 'utf8'));
      add('pgp', nth, pgp);
      const p12 = openssl('pkcs12', '-export', '-inkey', 'k.pem', '-in', 'c.pem', '-passout', `pass:p${nth}`);
      add('pkcs12', nth, nth % 2 === 0 ? p12.toString('base64') : wrapped(p12));
      rmSync(file('j'), { force: true });
      const store = nth % 2 === 0 ? 'JKS' : 'JCEKS';
      run(
        'keytool',
        '-genkeypair',
        '-keyalg',
        'EC',
        '-alias',
        'a',
        '-dname',
        'CN=nobody',
        '-keystore',
        'j',
        '-storetype',
        store,
        '-storepass',
        'changeit',
        '-keypass',
        'changeit',
      );
      add('key store', nth, readFileSync(file('j')).toString('base64'));
      add(
        'private key as text',
        nth,
        openssl('pkey', '-in', nth % 2 === 0 ? 'k.pem' : 'e.pem', '-noout', '-text').toString(),
      );
    }
    return items;
  } finally {
    execFileSync('gpgconf', ['--homedir', folder, '--kill', 'all'], { stdio: 'ignore' });
    rmSync(folder, { recursive: true });
  }
}
