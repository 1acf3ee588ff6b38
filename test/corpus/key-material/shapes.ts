import type { Random } from './random';

/** How people send what they shouldn't: the words around it. */
export type Shape = (secret: string, random: Random) => string;

/** Shapes of the committed corpus. Short ones are for secrets of one line. */
export const SHAPES: readonly Shape[] = [
  (secret) => secret,
  (secret) =>
    `Hi team,\n\nplease use this one for the new workspace:\n\n${secret}\n\nThanks\nJo Doe\nacme GmbH`,
  (secret) => `key: ${secret}`,
  (secret) => `Our master key is ${secret} (please delete this ticket afterwards)`,
  (secret) => `Ticket 48211: as discussed on the phone\n> ${secret}\nKind regards, Sam`,
  (secret) => `Anbei der Schlüssel für die Umstellung: ${secret} – bitte vertraulich behandeln.`,
  (secret) => `Voici la clé demandée : ${secret} Merci de confirmer.`,
  (secret) => `export WRAPPING_KEY="${secret}"`,
  (secret) => JSON.stringify({ contact: 'jo@acme.example', note: secret }),
  (secret, random) => `<p>Dear support,</p><pre>${secret}</pre><p>Ref ${random.uuid()}</p>`,
  (secret) => `| field | value |\n| --- | --- |\n| secret | ${secret} |`,
  (secret) => `step 1: open the portal\nstep 2: paste\n${secret}\nstep 3: save`,
];

/** Shapes that the detectors weren't written against: only the test makes them, out of a seed of its own. */
export const HELD_BACK_SHAPES: readonly Shape[] = [
  (secret) => `fyi (${secret}) – from the HSM export this morning`,
  (secret) =>
    `Betreff: Umzug\n\nSehr geehrte Damen und Herren,\n\nim Anhang und hier noch einmal: "${secret}"\n\nMit freundlichen Grüßen\ni. A. Müller`,
  (secret) => `env:\n  - name: DATA_KEY\n    value: '${secret}'`,
  (secret, random) => `[2026-05-04 09:12:44] worker-${random.below(9)} WARN retrying with ${secret}`,
  (secret) => `\`\`\`\n${secret}\n\`\`\``,
  (secret) => `openssl enc -aes-256-cbc -K ${secret} -iv 0`,
  (secret) => `Could you check whether\t${secret}\tis still valid? Our auditors ask.`,
  (secret) => `${secret}\n--\nSam Smith | Platform | +49 30 1234567 | https://acme.example`,
  (secret) => `a=1;b=2;k=${secret}`,
  (secret) => `«${secret}» est la valeur à utiliser`,
];
