import { type Code, describeCode, EFFECT_TEXT, PROVIDER_CODES, REQUEST_CODES } from '../../domain/codes';

const codes = [...Object.keys(PROVIDER_CODES), ...Object.keys(REQUEST_CODES)] as Code[];

describe('the code table', () => {
  test('has no code twice, and each is UPPER_SNAKE', () => {
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  test.each(codes)('%s says what happened, what it means for the data and what to do', (code) => {
    const { text, remedy, effect } = describeCode(code);
    expect(text).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z`].*\.$/);
    expect(EFFECT_TEXT[effect]).toMatch(/\.$/);
  });

  test('a denial is never retried fast', () => {
    const denials = [
      'UNWRAP_DENIED',
      'WRAP_DENIED',
      'ROLE_ASSUME_DENIED',
      'KEY_DISABLED',
      'KEY_PENDING_DELETION',
    ] as const;
    for (const code of denials) expect(PROVIDER_CODES[code].retry).toBe('slow');
  });
});
