# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode steps of Llama 3.1 8B (random weights, bf16) with transformers, a static cache and
torch.compile: the peer's side of tests/gpu/run.sh peers."""
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM, StaticCache

CONTEXT = 1024
STEPS = 60
config = LlamaConfig(hidden_size=4096, intermediate_size=14336, num_hidden_layers=32,
                     num_attention_heads=32, num_key_value_heads=8, vocab_size=128256,
                     max_position_embeddings=131072, rope_theta=500000.0)
torch.set_default_dtype(torch.bfloat16)
with torch.device("cuda"):
    model = LlamaForCausalLM(config).eval()
for batch in (1, 64):
    cache = StaticCache(config=config, max_batch_size=batch, max_cache_len=CONTEXT + 8,
                        device="cuda", dtype=torch.bfloat16)
    step = torch.compile(model.forward, mode="reduce-overhead", fullgraph=True)
    token = torch.zeros((batch, 1), dtype=torch.long, device="cuda")
    position = torch.tensor([CONTEXT], device="cuda")
    times = []
    with torch.no_grad():
        for _ in range(STEPS):
            torch.cuda.synchronize()
            begin = time.perf_counter()
            logits = step(token, past_key_values=cache, cache_position=position).logits
            token = logits[:, -1:].argmax(-1).clone()
            torch.cuda.synchronize()
            times.append(time.perf_counter() - begin)
    print(f"decode bf16  batch {batch:<3} context {CONTEXT}  {sorted(times)[STEPS // 2] * 1e3:8.3f} ms"
          "  transformers, static cache, torch.compile")
