import { css } from "lit";

/** Colours and measures are custom properties, documented in the package's README. */
export const styles = css`
  :host {
    color-scheme: light dark;
    --_text: var(--smartsynch-text, light-dark(#1d2330, #e7eaf1));
    --_muted: var(--smartsynch-muted, light-dark(#596172, #a1a9ba));
    --_surface: var(--smartsynch-surface, light-dark(#ffffff, #191d25));
    --_line: var(--smartsynch-line, light-dark(#858d9f, #6d7689));
    --_accent: var(--smartsynch-accent, light-dark(#3358c4, #93b0ff));
    --_active: var(--smartsynch-active, light-dark(#e6ecfb, #222d4a));
    --_auto: var(--smartsynch-auto, light-dark(#1b6e4a, #7fd3a8));
    --_auto-surface: var(--smartsynch-auto-surface, light-dark(#eef8f2, #163326));
    --_radius: var(--smartsynch-radius, 10px);
    --_calm: 160ms cubic-bezier(0.2, 0, 0, 1);
    display: block;
    position: relative;
    min-width: 0;
    color: var(--_text);
    font: inherit;
    line-height: 1.4;
  }
  :host([hidden]) {
    display: none;
  }
  .field {
    display: flex;
    gap: 0.5rem;
    align-items: center;
    box-sizing: border-box;
    min-height: 2.75rem;
    padding-inline: 0.875rem 0.375rem;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
    transition:
      background-color var(--_calm),
      border-color var(--_calm);
  }
  .field.auto {
    border-color: var(--_auto);
    background: var(--_auto-surface);
  }
  .field:focus-within {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .field.disabled {
    opacity: 0.6;
  }
  input {
    flex: 1;
    width: 100%;
    min-width: 0;
    padding: 0.5rem 0;
    border: 0;
    outline: 0;
    background: none;
    color: inherit;
    font: inherit;
    text-overflow: ellipsis;
  }
  input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  .indicator {
    display: inline-flex;
    flex: none;
    gap: 0.375rem;
    align-items: center;
    color: var(--_auto);
    font-size: 0.875em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    animation: appear var(--_calm);
  }
  .ring {
    width: 1.125rem;
    height: 1.125rem;
    fill: none;
    stroke: currentColor;
    stroke-width: 3.5;
    transform: rotate(-90deg);
  }
  .ring .track {
    opacity: 0.25;
  }
  button {
    flex: none;
    min-width: 2rem;
    min-height: 2rem;
    padding: 0 0.5rem;
    border: 0;
    border-radius: calc(var(--_radius) - 4px);
    background: none;
    color: var(--_accent);
    font: inherit;
    font-size: 0.875em;
    font-weight: 600;
    cursor: pointer;
  }
  button:hover:enabled {
    background: var(--_active);
  }
  button:focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
  }
  .toggle {
    color: var(--_muted);
  }
  .toggle svg {
    display: block;
    width: 1rem;
    height: 1rem;
    margin: auto;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    transition: transform var(--_calm);
  }
  .toggle.open svg {
    transform: rotate(180deg);
  }
  .popup {
    position: absolute;
    z-index: 10;
    inset-inline: 0;
    box-sizing: border-box;
    max-height: min(20rem, 60vh);
    margin-top: 0.375rem;
    padding: 0.375rem;
    overflow-y: auto;
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    background: var(--_surface);
    box-shadow: 0 12px 32px rgb(10 14 30 / 22%);
    animation: appear var(--_calm);
  }
  .popup[hidden] {
    display: none;
  }
  .heading {
    padding: 0.375rem 0.625rem 0.25rem;
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 600;
  }
  .option {
    display: flex;
    gap: 0.625rem;
    align-items: center;
    padding: 0.5rem 0.625rem;
    border-radius: calc(var(--_radius) - 4px);
    cursor: pointer;
  }
  .option .name {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  /* The line around it is seen on any surface, whatever colour was chosen. */
  .option .swatch {
    flex: none;
    box-sizing: border-box;
    width: 0.75rem;
    height: 0.75rem;
    border: 1px solid var(--_muted);
    border-radius: 50%;
    background: var(--smartsynch-category);
    forced-color-adjust: none;
  }
  .option .check {
    width: 1rem;
    color: var(--_accent);
    font-weight: 700;
  }
  .option.active {
    background: var(--_active);
    outline: 1px solid var(--_accent);
    outline-offset: -1px;
  }
  .option .share {
    color: var(--_muted);
    font-size: 0.875em;
    font-variant-numeric: tabular-nums;
  }
  .option .ring {
    color: var(--_accent);
  }
  .option.create {
    color: var(--_accent);
    font-weight: 600;
  }
  .none {
    padding: 0.625rem;
    color: var(--_muted);
  }
  .status {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
  @media (pointer: coarse), (max-width: 52rem) {
    button,
    .option {
      min-width: 2.75rem;
      min-height: 2.75rem;
      box-sizing: border-box;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    :host * {
      animation: none !important;
      transition: none !important;
    }
  }
  @media (forced-colors: active) {
    .field.auto {
      border-width: 2px;
    }
    .option.active {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
      outline: none;
    }
    .option.active * {
      color: HighlightText;
    }
  }
`;
