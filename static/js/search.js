// Search as you type over the plain GET form: the server answers ?fragment=1 with [role=option] links.
for (const form of document.querySelectorAll('form[data-search]')) {
  const input = form.querySelector('[data-search-input]');
  const list = form.querySelector('.results');
  if (!input || !list) continue;
  const say = document.createElement('p');
  say.className = 'vh';
  say.setAttribute('role', 'status');
  form.append(say);
  Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })
    .forEach(([k, v]) => input.setAttribute(k, v));
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', form.querySelector('label')?.textContent ?? '');

  let timer, asked, shown, at = -1; // shown: the query the list answers; on anything else Enter submits the form
  const options = () => [...list.querySelectorAll('[role=option]')];
  const choose = n => {
    const all = options();
    at = all.length ? (n + all.length) % all.length : -1;
    all.forEach((o, i) => o.setAttribute('aria-selected', i === at));
    if (at < 0) return input.removeAttribute('aria-activedescendant');
    all[at].id ||= `${list.id}-${at}`;
    input.setAttribute('aria-activedescendant', all[at].id);
    all[at].scrollIntoView({ block: 'nearest' });
  };
  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const ask = async () => {
    const q = input.value.trim();
    if (!q) return close();
    asked?.abort();
    asked = new AbortController();
    const url = new URL(form.action);
    url.search = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), q, fragment: '1' });
    try {
      const answer = await fetch(url, { signal: asked.signal });
      if (!answer.ok || answer.redirected) return close();
      list.innerHTML = await answer.text();
      options().forEach(o => (o.tabIndex = -1));
      list.hidden = false;
      shown = q;
      input.setAttribute('aria-expanded', 'true');
      const n = options().length;
      say.textContent = list.querySelector('[data-count]')?.dataset.count ?? (n ? String(n) : input.dataset.none ?? '');
      choose(n ? 0 : -1);
    } catch (e) {
      if (e.name !== 'AbortError') close();
    }
  };
  input.addEventListener('input', e => {
    if (e.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  });
  input.addEventListener('compositionend', () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener('keydown', e => {
    if (e.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step) {
      e.preventDefault();
      list.hidden ? ask() : choose(at + step);
    } else if (e.key === 'Enter' && !list.hidden && at >= 0 && shown === input.value.trim()) {
      e.preventDefault();
      options()[at].click();
    } else if (e.key === 'Escape') {
      e.preventDefault();
      e.stopPropagation();
      if (!list.hidden) close();
      else if (input.value) input.value = '';
      else input.blur();
    }
  });
  document.addEventListener('pointerdown', e => form.contains(e.target) || close());
  form.addEventListener('focusout', e => form.contains(e.relatedTarget) || close());
}
