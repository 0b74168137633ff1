Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder(args).Build();
