/** An entry's `type` is the last member of its canonical form, so its line ends in it: most lines needn't be parsed. */
export const isOf = (line: string, type: string): boolean => line.endsWith(`,"type":"${type}"}`);
