// Measures the page as it stands; gives a sentence for each thing found. Run in the page with the names of the checks.
(checks) => {
  const found = [];
  const name = one => `${one.tagName.toLowerCase()}${one.id && '#' + one.id}${one.className && one.className.baseVal === undefined ? '.' + one.className : ''} "${(one.textContent || '').trim().slice(0, 30)}"`;
  const shown = one => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest('.vh')
    && getComputedStyle(one).clipPath === 'none';
  const channels = colour => colour.match(/[\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = channels(colour).map(one => one / 255).map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + .05) / (dark + .05);
  };
  const surface = one => {
    for (let at = one; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > .5) return colour;
    }
    return getComputedStyle(document.documentElement).colorScheme.includes('dark') && matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0, 0, 0)' : 'rgb(255, 255, 255)';
  };
  const every = selector => [...document.querySelectorAll(selector)].filter(shown);
  const controls = () => every('input:not([type=hidden]), textarea, select, .button');
  const stops = () => every('a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex="0"]').filter(one => one.tabIndex >= 0);
  const measures = {
    wide() { // the page does not scroll sideways
      const page = document.documentElement;
      if (page.scrollWidth > page.clientWidth) {
        const widest = every('body *').filter(one => one.getBoundingClientRect().right > page.clientWidth + 1 || one.getBoundingClientRect().left < -1).slice(-3);
        found.push(`wider than the screen, ${page.scrollWidth} > ${page.clientWidth}: ${widest.map(name).join('; ')}`);
      }
    },
    cut() { // no text is cut by its box
      for (const one of every('body *:not(input, textarea)')) {
        const style = getComputedStyle(one);
        if (['hidden', 'clip'].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1 || ['hidden', 'clip'].includes(style.overflowY) && one.scrollHeight > one.clientHeight + 1) found.push(`cut: ${name(one)}`);
      }
    },
    text() { // every text stands out from what is behind it
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const seen = new Set();
      while (walker.nextNode()) {
        const one = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || seen.has(one) || one.closest('title, desc') || !shown(one)) continue;
        seen.add(one);
        const style = getComputedStyle(one);
        const ratio = contrast(one.closest('svg') ? style.fill : style.color, surface(one));
        if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(1)}: ${name(one)}`);
      }
      for (const one of every('input:not([type=radio]):not([type=checkbox]):not([type=hidden]), textarea')) {
        const ratio = contrast(getComputedStyle(one).color, surface(one));
        if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(1)} of what is typed: ${name(one)}`);
      }
    },
    edges() { // what can be used has an edge, or a surface of its own
      for (const one of controls()) {
        const style = getComputedStyle(one);
        if (style.appearance !== 'none' && one.matches('[type=radio], [type=checkbox]')) continue; // the browser's own
        const behind = surface(one.parentElement);
        const edge = parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== 'none' ? contrast(style.borderTopColor, behind) : 1;
        if (Math.max(edge, contrast(surface(one), behind)) < 3) found.push(`no edge: ${name(one)}`);
      }
    },
    ring() { // wherever the keyboard comes, it shows
      const before = document.activeElement;
      for (const one of stops()) {
        one.focus({ preventScroll: true });
        const rings = [one, one.closest('.option')].filter(Boolean).map(at => [getComputedStyle(at), surface(at.parentElement)]);
        if (document.activeElement !== one || !rings.some(([style, behind]) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && contrast(style.outlineColor, behind) >= 3)) found.push(`no focus ring: ${name(one)}`);
      }
      before && before !== document.body ? before.focus({ preventScroll: true }) : document.activeElement.blur();
    },
    order() { // the keyboard runs down the page as the eye does
      const all = stops().filter(one => !one.matches('.skip'));
      all.forEach((one, index) => {
        const next = all[index + 1];
        if (next && next.getBoundingClientRect().bottom <= one.getBoundingClientRect().top) found.push(`before what stands above it: ${name(one)}, then ${name(next)}`);
      });
    },
    fixed() { // nothing covers the page when it is enlarged
      for (const one of every('body *')) if (['fixed', 'sticky'].includes(getComputedStyle(one).position)) found.push(`stays in the way: ${name(one)}`);
    },
    still() { // nothing moves for who wants nothing to move
      for (const one of document.querySelectorAll('body *')) {
        const style = getComputedStyle(one);
        if (`${style.transitionDuration}, ${style.animationDuration}`.split(', ').some(time => parseFloat(time) > 0)) found.push(`moves: ${name(one)}`);
      }
    },
  };
  for (const check of checks) measures[check]();
  return found;
}
