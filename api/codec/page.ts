import { createHash } from 'node:crypto';
import type { Actor } from '../../domain/actor';

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1a1d24;background:#f6f7f9}
main{background:#fff;border:1px solid #dde1e8;border-radius:10px;padding:2rem}
h1{font-size:1.25rem;margin:0 0 .75rem}p{margin:.5rem 0}label{display:block;font-weight:600;margin:1.25rem 0 .25rem}
input{box-sizing:border-box;width:100%;font:inherit;padding:.55rem .7rem;border:1px solid #98a1b0;border-radius:6px}
button{font:inherit;font-weight:600;margin-top:1rem;padding:.55rem 1.1rem;border:0;border-radius:6px;background:#2b50c8;color:#fff;cursor:pointer}
input:focus,button:focus{outline:3px solid #a9bdf5}.bad{color:#a3121f;font-weight:600}.small{color:#5a6372;font-size:.9rem}`;

/** No script, nothing from elsewhere, in nobody's frame. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

const page = (body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Read payloads in the Temporal Web UI</title><style>${STYLE}</style></head><body><main><h1>Read payloads in the Temporal Web UI</h1>${body}</main></body></html>`;

/** @param trouble why the last try failed, in our words */
export const signInPage = (trouble: string | null): string =>
  page(
    `<p>What workflows carry is sealed. Support and SRE staff can read it here for an hour; each reading is logged.</p>${
      trouble === null ? '' : `<p class="bad" role="alert">${escaped(trouble)}</p>`
    }<form method="post" action="/codec/sign-in"><label for="token">API token</label><input id="token" name="token" type="password" autocomplete="off" required autofocus><button>Sign in</button></form><p class="small">The token itself is kept neither here nor in the browser.</p>`,
  );

/** @param endpoint the codec endpoint's URL, for the Web UI's settings */
export const signedInPage = ({ kind, name }: Actor, endpoint: string): string =>
  page(
    `<p>Signed in as <strong>${escaped(name)}</strong> (${escaped(kind)}). This page can be closed.</p><p>Does the Web UI say “Codec Server could not connect”? It asks without this session. Once for this browser: click the glasses at its top right, choose “Use my browser setting”, enter <code>${escaped(endpoint)}</code>, switch on “Include cross-origin credentials”, apply.</p><form method="post" action="/codec/sign-out"><button>Sign out</button></form>`,
  );

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
