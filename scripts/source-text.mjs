// TypeScript read as text: code without its comments, strings and patterns, and where a line is.

/** The text with comments, and what is inside strings and patterns, turned into spaces; offsets and lines stay. */
export function blank(text) {
  const out = text.split('');
  const holes = [];
  let depth = 0;
  let before = '';
  for (let i = 0; i < text.length; ) {
    const two = text.slice(i, i + 2);
    const char = text[i];
    if (two === '//' || (i === 0 && two === '#!')) i = erase(i, endOf(text.indexOf('\n', i)));
    else if (two === '/*') i = erase(i, endOf(text.indexOf('*/', i + 2), 2));
    else if (char === '"' || char === "'") {
      const end = closing(i + 1, char);
      erase(i + 1, end);
      i = end + 1;
      before = char;
    } else if (char === '/' && startsPattern(before)) {
      const end = closingPattern(i + 1);
      erase(i + 1, end);
      i = end + 1;
      before = '/ ';
    } else if (char === '`' || (char === '}' && holes.at(-1) === depth)) {
      if (char === '}') holes.pop();
      i = template(i + 1);
      before = '`';
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      const word = /^[\w$]+/.exec(text.slice(i, i + 64))?.[0] ?? char;
      if (char.trim() !== '') before = word;
      i += word.length;
    }
  }
  return out.join('');

  function template(from) {
    let i = from;
    while (i < text.length && text[i] !== '`' && text.slice(i, i + 2) !== '${') i += text[i] === '\\' ? 2 : 1;
    erase(from, i);
    if (text[i] !== '$') return i + 1;
    holes.push(depth);
    return i + 2;
  }
  function closing(from, quote) {
    let i = from;
    while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
    return i;
  }
  function closingPattern(from) {
    let inClass = false;
    let i = from;
    for (; i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/'); i += text[i] === '\\' ? 2 : 1) {
      if (text[i] === '[') inClass = true;
      if (text[i] === ']') inClass = false;
    }
    return i;
  }
  function erase(from, to) {
    for (let i = from; i < to && i < out.length; i++) if (out[i] !== '\n') out[i] = ' ';
    return to;
  }
  function endOf(at, width = 0) {
    return at < 0 ? text.length : at + width;
  }
}

/** After a value a slash divides; after an operator, a bracket that opens or a keyword it starts a pattern. */
function startsPattern(before) {
  return /^(?:|[(,=:[!&|?{};+\-*%<>~^]|return|typeof|case|of|in|do|else|void|throw|new|delete|await|yield)$/.test(
    before,
  );
}

/** The line of an offset, from 1. */
export function lineAt(text, offset) {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
