// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

// Small price lists in the shapes of those that are published, with figures made up for the tests
// but for Gemini 2.5 Pro's, o3's and DeepSeek's. Apostrophes stand for quotation marks.
namespace lists {

inline const QByteArray kGeminiModelsDev =
    "{'google': {'id': 'google', 'name': 'Google', 'models': {'gemini-2.5-pro': {"
    "'id': 'gemini-2.5-pro', 'name': 'Gemini 2.5 Pro', 'family': 'gemini-pro',"
    "'last_updated': '2025-06-17', 'limit': {'context': 1048576, 'output': 65536},"
    "'cost': {'input': 1.25, 'output': 10, 'cache_read': 0.125,"
    "'tiers': [{'input': 2.5, 'output': 15, 'cache_read': 0.25,"
    "           'tier': {'type': 'context', 'size': 200000}}],"
    "'context_over_200k': {'input': 2.5, 'output': 15, 'cache_read': 0.25}}}}}}";

inline const QByteArray kGeminiGenai =
    "[{'id': 'google', 'name': 'Google', 'api_pattern': 'x', 'pricing_urls': "
    "['https://ai.google.dev/pricing'], 'models': [{'id': 'gemini-2.5-pro',"
    "'name': 'Gemini 2.5 Pro', 'match': {'starts_with': 'gemini-2.5-pro'}, 'prices': {"
    "'input_mtok': {'base': 1.25, 'tiers': [{'start': 200000, 'price': 2.5}]},"
    "'cache_read_mtok': {'base': 0.125, 'tiers': [{'start': 200000, 'price': 0.25}]},"
    "'output_mtok': {'base': 10, 'tiers': [{'start': 200000, 'price': 15}]}}}]}]";

inline const QByteArray kGeminiOpenRouter =
    "{'data': [{'id': 'google/gemini-2.5-pro', 'name': 'Google: Gemini 2.5 Pro',"
    "'created': 1750000000, 'context_length': 1048576, 'top_provider': "
    "{'max_completion_tokens': 65536}, 'pricing': {'prompt': '0.00000125',"
    "'completion': '0.00001', 'input_cache_read': '0.000000125', 'overrides': [{"
    "'min_prompt_tokens': 200000, 'prompt': '0.0000025', 'completion': '0.000015',"
    "'input_cache_read': '0.00000025'}]}}]}";

inline const QByteArray kLitellm =
    "{'sample_spec': {'litellm_provider': 'one of', 'max_tokens': 'legacy', 'mode': 'one of'},"
    "'deepseek/deepseek-chat': {'litellm_provider': 'deepseek', 'mode': 'chat',"
    "  'input_cost_per_token': 2.8e-07, 'output_cost_per_token': 4.2e-07,"
    "  'cache_read_input_token_cost': 2.8e-08, 'cache_creation_input_token_cost': 0.0,"
    "  'max_input_tokens': 131072, 'max_output_tokens': 8192, 'supports_vision': false},"
    "'deepseek-chat': {'litellm_provider': 'deepseek', 'mode': 'chat',"
    "  'input_cost_per_token': 6e-07, 'output_cost_per_token': 1.7e-06},"
    "'gemini/gemini-2.5-pro': {'litellm_provider': 'gemini', 'mode': 'chat',"
    "  'input_cost_per_token': 1.25e-06, 'output_cost_per_token': 1e-05,"
    "  'cache_read_input_token_cost': 1.25e-07,"
    "  'input_cost_per_token_above_200k_tokens': 2.5e-06,"
    "  'output_cost_per_token_above_200k_tokens': 1.5e-05,"
    "  'cache_read_input_token_cost_above_200k_tokens': 2.5e-07,"
    "  'input_cost_per_token_batches': 6.25e-07, 'output_cost_per_token_batches': 5e-06,"
    "  'max_input_tokens': 1048576, 'new_kind_of_field': 1},"
    "'dashscope/qwen3-max': {'litellm_provider': 'dashscope', 'mode': 'chat', 'tiered_pricing': ["
    "  {'input_cost_per_token': 1.2e-06, 'output_cost_per_token': 6e-06, 'range': [0, 32000.0]},"
    "  {'input_cost_per_token': 2.4e-06, 'output_cost_per_token': 1.2e-05,"
    "   'range': [32000.0, 128000.0]}]},"
    "'deepseek/deepseek-night': {'litellm_provider': 'deepseek', 'mode': 'chat',"
    "  'input_cost_per_token': 5.5e-07, 'output_cost_per_token': 2.19e-06, 'off_peak_pricing': {"
    "  'hours_utc': '16:30-00:30', 'input_cost_per_token': 1.35e-07,"
    "  'output_cost_per_token': 5.5e-07}},"
    "'dall-e-3': {'litellm_provider': 'openai', 'mode': 'image_generation',"
    "  'input_cost_per_image': 0.04}}";

inline const QByteArray kModelsDev =
    "{'deepseek': {'id': 'deepseek', 'name': 'DeepSeek', 'models': {"
    "'deepseek-chat': {'id': 'deepseek-chat', 'name': 'DeepSeek Chat', 'family': 'deepseek',"
    "  'last_updated': '2025-12-01', 'limit': {'context': 128000, 'output': 8192},"
    "  'cost': {'input': 0.28, 'output': 0.42, 'cache_read': 0.028, 'mystery': 1}},"
    "'deepseek-old': {'id': 'deepseek-old', 'name': 'Old', 'limit': {'context': 64000},"
    "  'cost': {'input': 0.14, 'output': 0.28, 'inputCached': 0.014}},"
    "'deepseek-zero': {'id': 'deepseek-zero', 'name': 'Zero', 'limit': {'context': 64000},"
    "  'cost': {'input': 0, 'output': 0}}}},"
    "'github-copilot': {'id': 'github-copilot', 'name': 'GitHub Copilot', 'models': {"
    "'gpt-4o': {'id': 'gpt-4o', 'name': 'GPT-4o', 'limit': {'context': 128000},"
    "  'cost': {'input': 0, 'output': 0}}}},"
    "'openai': {'id': 'openai', 'name': 'OpenAI', 'models': {'gpt-5.4': {'id': 'gpt-5.4',"
    "  'name': 'GPT-5.4', 'limit': {'context': 1050000}, 'cost': {'input': 2.5, 'output': 15,"
    "  'tiers': [{'input': 5, 'output': 22.5, 'tier': {'type': 'context', 'size': 272000}}],"
    "  'context_over_200k': {'input': 5, 'output': 22.5}},"
    "  'experimental': {'modes': {'fast': {'cost': {'input': 5, 'output': 30}}}}}}}}";

inline const QByteArray kOpenRouterModels =
    "{'data': [{'id': 'qwen/qwen3.7-flash', 'name': 'Qwen3.7 Flash', 'context_length': 1000000,"
    "  'created': 1785190561, 'pricing': {'prompt': '0.00000003', 'completion': '0.00000013',"
    "  'input_cache_read': '0.000000006', 'web_search': '0.01', 'surprise': '1', 'overrides': ["
    "  {'min_prompt_tokens': 32000, 'prompt': '0.0000001', 'completion': '0.0000004'},"
    "  {'utc_start': '1630', 'utc_end': '0030', 'prompt': '0.00000002'}]}},"
    "{'id': 'deepseek/deepseek-r1:free', 'name': 'R1 (free)', 'context_length': 163840,"
    "  'pricing': {'prompt': '0', 'completion': '0'}},"
    "{'id': 'openrouter/auto', 'name': 'Auto', 'context_length': 2000000,"
    "  'pricing': {'prompt': '-1', 'completion': '-1'}}]}";

inline const QByteArray kOpenRouterEndpoints =
    "{'data': {'id': 'deepseek/deepseek-r1-0528', 'name': 'R1 0528', 'endpoints': ["
    "{'name': 'DeepInfra | R1', 'provider_name': 'DeepInfra', 'tag': 'deepinfra/fp4',"
    "  'quantization': 'fp4', 'context_length': 163840, 'max_completion_tokens': 32768,"
    "  'pricing': {'prompt': '0.0000005', 'completion': '0.00000215',"
    "              'input_cache_read': '0.00000035'},"
    "  'latency_last_30m': {'p50': 637, 'p75': 864.75, 'p90': 1275, 'p99': 3216.8},"
    "  'throughput_last_30m': {'p50': 21, 'p75': 28, 'p90': 34, 'p99': 42}},"
    "{'name': 'Novita | R1', 'provider_name': 'Novita', 'tag': 'novita', 'quantization': "
    "'unknown', 'context_length': 163840, 'pricing': {'prompt': '0.0000007',"
    "  'completion': '0.0000025'}, 'latency_last_30m': {'p50': 0.25, 'p99': 0.85}}]}}";

inline const QByteArray kGenai =
    "[{'id': 'openai', 'name': 'OpenAI', 'api_pattern': 'x', 'models': [{'id': 'o3', 'name': 'o3',"
    "'prices': [{'prices': {'input_mtok': 10, 'cache_read_mtok': 0.5, 'output_mtok': 40}},"
    "{'constraint': {'start_date': '2025-06-10'}, 'prices': {'input_mtok': 2,"
    "'cache_read_mtok': 0.5, 'output_mtok': 8}}]}]},"
    "{'id': 'deepseek', 'name': 'Deepseek', 'api_pattern': 'x', 'models': [{"
    "'id': 'deepseek-reasoner', 'name': 'R1', 'context_window': 64000, 'prices_checked': "
    "'2025-07-12', 'prices': [{'prices': {'input_mtok': 0.135, 'cache_read_mtok': 0.035,"
    "'output_mtok': 0.55, 'audio_mtok': 3}}, {'constraint': {'start_time': '00:30:00Z',"
    "'end_time': '16:30:00Z'}, 'prices': {'input_mtok': 0.55, 'cache_read_mtok': 0.14,"
    "'output_mtok': 2.19}}]}]}]";

inline const QByteArray kLlmPrices =
    "{'vendor': 'google', 'models': [{'id': 'gemini-x', 'name': 'Gemini X \xe2\x89\xa4"
    "200k',"
    "'price_history': [{'input': 1.25, 'output': 10, 'from_date': null, 'to_date': null,"
    "'input_cached': null}]}, {'id': 'gemini-x-200k', 'name': 'Gemini X >200k',"
    "'price_history': [{'input': 2.5, 'output': 15, 'from_date': null, 'to_date': null,"
    "'input_cached': null}]}, {'id': 'gemini-y', 'name': 'Gemini Y', 'price_history': ["
    "{'input': 0.27, 'output': 1.1, 'from_date': '2025-02-08', 'to_date': null},"
    "{'input': 0.14, 'output': 0.28, 'from_date': null, 'to_date': '2025-02-08'}]}]}";

// litellm's shape with one model for each input price given, in dollars per million.
inline QByteArray litellmOf(const QList<double> &inputs, const char *seller = "host")
{
    QByteArray text = "{";
    for (qsizetype i = 0; i < inputs.size(); ++i)
        text += QStringLiteral("%1'%2/m%3': {'litellm_provider': '%2', 'mode': 'chat', "
                               "'input_cost_per_token': %4, 'output_cost_per_token': %5, "
                               "'max_input_tokens': 128000}")
                    .arg(QLatin1String(i == 0 ? "" : ","), QLatin1String(seller))
                    .arg(i)
                    .arg(inputs[i] * 1e-6, 0, 'g', 12)
                    .arg(inputs[i] * 4e-6, 0, 'g', 12)
                    .toUtf8();
    return text + "}";
}

} // namespace lists
